import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../../config.ts';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';

interface EnvOptions extends ClientOptions {
  readonly tls?: boolean;
  readonly caFile?: string;
}

export function envCommand(): Command {
  return withClientOptions(new Command('env'))
    .description('print the environment that points AWS tools at Millrace')
    .option('--tls', 'over HTTPS, with what makes clients trust its certificate')
    .option('--ca-file <path>', 'what to trust with --tls, if not tls/ca.pem of MILLRACE_DATA_DIR')
    .addHelpText(
      'after',
      `
Examples:
  $ eval "$(millrace env)"
  $ aws dynamodb list-tables

Over HTTPS, and with a server whose data directory is not here:
  $ eval "$(millrace env --tls)"
  $ curl -o ca.pem http://127.0.0.1:4566/_millrace/ca.pem && eval "$(millrace env --tls --ca-file ca.pem)"

The AWS CLI of version 1 passes over AWS_ENDPOINT_URL for SQS and would ask AWS itself: there, use
  $ millrace aws sqs list-queues`,
    )
    .action((options: EnvOptions) => {
      const { client, output } = clientContext(options);
      const { url, region, accessKeyId, secretAccessKey } = client.endpoint;
      const caPath = options.tls === true ? requireCaFile(options.caFile, url) : undefined;
      const variables = {
        AWS_ENDPOINT_URL: caPath === undefined ? url : url.replace(/^http:/, 'https:'),
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        // The AWS CLI, boto3 and the SDK for Go read the first; all that runs in Node reads the second.
        ...(caPath === undefined ? {} : { AWS_CA_BUNDLE: caPath, NODE_EXTRA_CA_CERTS: caPath }),
      };
      const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
      // Not set unasked: with it a program trusts nobody else any more.
      if (caPath !== undefined)
        lines.push(`# Other programs of Go and OpenSSL: export SSL_CERT_FILE=${quote(caPath)}`);
      output.result(variables, lines.join('\n'));
    });
}

/** The absolute path of the certificate to trust: tools run in directories of their own. */
function requireCaFile(given: string | undefined, url: string): string {
  const path = resolve(given ?? join(parseConfig().dataDir, 'tls', 'ca.pem'));
  if (existsSync(path)) return path;
  throw new Error(
    `${path} is not there: a server makes it in its data directory; of one that is elsewhere or in memory, ` +
      `save ${new URL('/_millrace/ca.pem', url).href} and name it with --ca-file`,
  );
}

/** Quoted for a POSIX shell; values come from the environment and are data. */
function quote(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
