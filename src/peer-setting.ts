/** The text of `--peer`: a region with a process of its own, and where that is reached. */
import { isIP } from 'node:net';

export interface PeerSetting {
  readonly region: string;
  /** Such as `http://127.0.0.1:4567`, without a slash at the end. */
  readonly endpoint: string;
  /** What DNS answers say of it; undefined where it has to tell itself. */
  readonly address: string | undefined;
}

export const REGION_NAME = /^[a-z]{2}(-[a-z]+){1,3}-\d{1,2}$/;

/** `us-west-2=http://10.0.0.7:4566` or, behind another address, `us-west-2=http://b.example:4566,203.0.113.7`. */
export function parsePeer(text: string): PeerSetting | undefined {
  const equals = text.indexOf('=');
  const region = text.slice(0, Math.max(equals, 0));
  const [url = '', address] = text.slice(equals + 1).split(',');
  const parsed = URL.parse(url);
  if (!REGION_NAME.test(region) || parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined;
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.username !== '') return undefined;
  if (address !== undefined && isIP(address) === 0) return undefined;
  const host = parsed.hostname.replaceAll(/^\[|\]$/g, '');
  return { region, endpoint: parsed.origin, address: address ?? (isIP(host) === 0 ? undefined : host) };
}
