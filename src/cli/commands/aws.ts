import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { environmentWithoutAws } from '../../config.ts';
import { EXIT } from '../exit-codes.ts';
import { clientContext } from '../options.ts';

/** Arguments with which the AWS CLI would leave the endpoint that it is given here. */
const ESCAPES: readonly string[] = ['--endpoint-url', '--profile', '--ca-bundle'];

/** The AWS CLI takes any beginning of an argument that no other argument has: `--endpoint`, `--prof`. */
function leadsAway(argument: string): boolean {
  const [name = ''] = argument.split('=');
  return name.length > 2 && name.startsWith('--') && ESCAPES.some((escape) => escape.startsWith(name));
}

export function awsCommand(): Command {
  return new Command('aws')
    .description('run the installed AWS CLI against Millrace, and against nothing else')
    .argument('[arguments...]', 'what follows `aws`')
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ millrace aws sqs list-queues
  $ millrace aws --region us-west-2 events list-rules`,
    )
    .action(async (args: string[]) => {
      const escape = args.find(leadsAway);
      if (escape !== undefined) {
        process.stderr.write(`millrace: ${escape} would lead away from Millrace; leave it out\n`);
        process.exitCode = EXIT.usage;
        return;
      }
      process.exitCode = await run(args, clientContext({}));
    });
}

/** The environment names the endpoint for every service and hides profiles, so that no setting can reach AWS. */
function run(args: readonly string[], { client }: ReturnType<typeof clientContext>): Promise<number> {
  const { url, region, accessKeyId, secretAccessKey } = client.endpoint;
  // In so many words, too: for SQS the CLI of version 1 passes the variable over.
  const child = spawn('aws', ['--endpoint-url', url, ...args], {
    stdio: 'inherit',
    env: {
      ...environmentWithoutAws(),
      AWS_ENDPOINT_URL: url,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
  });
  return new Promise((resolve) => {
    child.on('error', () => {
      process.stderr.write('millrace: the AWS CLI (aws) is not installed\n');
      resolve(EXIT.failed);
    });
    child.on('exit', (code) => resolve(code ?? EXIT.failed));
  });
}
