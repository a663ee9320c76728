/** The configuration of function URLs: members of the API on one side, the engine's record on the other. */
import type { Cors, FunctionUrlConfig, InvokeMode } from '../../../api/lambda.ts';
import { formatIsoMs } from '../../../base/clock.ts';
import { notImplementedError } from '../../../base/errors.ts';
import {
  type FunctionName,
  functionArn,
  type FunctionRecord,
  type FunctionUrl,
  type FunctionUrlCors,
  LATEST,
} from '../../../engine/function/function-record.ts';
import type { Call } from '../../service.ts';
import { invalidUrlQualifier } from '../errors.ts';
import { parseFunctionName } from '../resolve.ts';
import { functionUrlText } from './address.ts';

/** The function, and the alias if one is named. A version has no URL, nor has `$LATEST` by that name. */
export function parseUrlOwner(call: Call, name: string, qualifier: string | undefined): FunctionName {
  const owner = parseFunctionName(call.scope, name, qualifier);
  const { qualifier: given = '' } = owner;
  if (given === LATEST || /^\d+$/.test(given)) throw invalidUrlQualifier(given);
  return owner;
}

export function urlOf({ urls }: FunctionRecord, qualifier: string | undefined): FunctionUrl | undefined {
  const name = qualifier ?? '';
  return urls !== undefined && Object.hasOwn(urls, name) ? urls[name] : undefined;
}

/** A handler that streams writes another format than one that answers, so answering it in one piece would be wrong. */
export function requireBuffered(mode: InvokeMode | undefined): void {
  if (mode === 'RESPONSE_STREAM')
    throw notImplementedError('The InvokeMode RESPONSE_STREAM of a function URL');
}

/** No settings at all are none: that is how clients take them away. */
export function toCors(cors: Cors): FunctionUrlCors | undefined {
  const {
    AllowCredentials: allowCredentials,
    AllowHeaders: allowHeaders,
    AllowMethods: allowMethods,
    AllowOrigins: allowOrigins,
    ExposeHeaders: exposeHeaders,
    MaxAge: maxAgeSeconds,
  } = cors;
  const record = { allowCredentials, allowHeaders, allowMethods, allowOrigins, exposeHeaders, maxAgeSeconds };
  return Object.values(record).every((value) => value === undefined) ? undefined : record;
}

function describeCors(cors: FunctionUrlCors): Cors {
  return {
    AllowCredentials: cors.allowCredentials,
    AllowHeaders: cors.allowHeaders,
    AllowMethods: cors.allowMethods,
    AllowOrigins: cors.allowOrigins,
    ExposeHeaders: cors.exposeHeaders,
    MaxAge: cors.maxAgeSeconds,
  };
}

export interface DescribedUrl {
  readonly record: FunctionRecord;
  readonly qualifier: string | undefined;
  readonly url: FunctionUrl;
}

export function describeUrl(call: Call, { record, qualifier, url }: DescribedUrl): FunctionUrlConfig {
  return {
    FunctionUrl: functionUrlText(call, url.id, record.region),
    FunctionArn: functionArn(record, qualifier),
    AuthType: url.authType,
    ...(url.cors === undefined ? {} : { Cors: describeCors(url.cors) }),
    CreationTime: formatIsoMs(url.createdAtMs),
    LastModifiedTime: formatIsoMs(url.modifiedAtMs),
    InvokeMode: 'BUFFERED',
  };
}
