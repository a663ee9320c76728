/** Function URLs on the port of the API: finds the function that a request is for, by the host name or the path. */
import type { Region } from './region.ts';
import { type UrlAddress, parseUrlAddress } from './services/lambda/function-url/address.ts';
import { unknownUrl } from './services/lambda/function-url/answer.ts';
import type { UrlAnswer } from './services/lambda/function-url/http.ts';
import type { PublishedCall, PublishedEndpoint, WireRequest, WireResponse } from './wire/dispatch.ts';
import { headerText } from './wire/scope.ts';

/** What the wire asks about each request. `region` throws while the region is not open. */
export function findFunctionUrl(
  region: () => Region,
): (request: WireRequest) => PublishedEndpoint | undefined {
  return (request) => {
    const address = parseUrlAddress(headerText(request, 'host') ?? '', request.url);
    return address === undefined ? undefined : (call) => answer(region(), address, call);
  };
}

async function answer(region: Region, address: UrlAddress, call: PublishedCall): Promise<WireResponse> {
  const { request, requestId, signer } = call;
  const found = region.functions.findUrl(address.id);
  if (found === undefined) return toResponse(unknownUrl());
  const { account, region: name } = found.entry.record;
  // No operation of the API: what the function does in turn it does with a signature of its own.
  const facts = { requestId, scope: { account, region: name }, accessKeyId: undefined };
  const { host = '' } = request.headers;
  const output = await region.answer(
    region.functionUrls,
    { found, address, request, signer },
    { ...facts, host: String(host), signal: request.signal },
  );
  return toResponse(output as UrlAnswer);
}

function toResponse({ status, headers, body }: UrlAnswer): WireResponse {
  return { status, headers: {}, headerList: headers, body };
}
