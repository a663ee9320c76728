/** The pages of the platform itself, below `/_millrace/`: health, reset, trace and what the command line asks for. */
import { errorMessage } from './base/errors.ts';
import type { Config } from './config.ts';
import type { Region } from './region.ts';
import type { PlatformRoutes, WireRequest, WireResponse } from './wire/dispatch.ts';

export interface PlatformRoutesOptions {
  readonly server: {
    readonly endpoint: string;
    readonly region: string;
    reset(): Promise<void>;
  };
  readonly config: Config;
  readonly version: string;
  /** Throws while the region is not open. */
  readonly region: () => Region;
}

export function platformRoutes(options: PlatformRoutesOptions): PlatformRoutes {
  return new Map([
    ['GET /_millrace/health', () => health(options)],
    ['GET /_localstack/health', () => localstackHealth(options)],
    ['POST /_millrace/reset', () => reset(options)],
  ] as [string, (request: WireRequest) => WireResponse | Promise<WireResponse>][]);
}

export function jsonResponse(status: number, value: unknown): WireResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

/** 200 or 503 speaks of this region alone, and tests that writes reach the disk; the body lists all regions. */
async function health({ server, region, version }: PlatformRoutesOptions): Promise<WireResponse> {
  const problem = await writeProblem(region);
  return jsonResponse(problem === undefined ? 200 : 503, {
    version,
    regions: {
      [server.region]: {
        status: problem === undefined ? 'running' : 'down',
        pid: process.pid,
        endpoint: server.endpoint,
        ...(problem === undefined ? {} : { problem }),
      },
    },
  });
}

async function writeProblem(region: () => Region): Promise<string | undefined> {
  try {
    await region().probe();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/** What tools that wait for LocalStack ask for, in its shape. */
function localstackHealth({ region, version }: PlatformRoutesOptions): WireResponse {
  const services = Object.fromEntries([...region().services.keys()].map((id) => [id, 'running']));
  return jsonResponse(200, { services, edition: 'millrace', version });
}

async function reset({ config, server }: PlatformRoutesOptions): Promise<WireResponse> {
  if (config.auth !== 'open') {
    return jsonResponse(403, {
      message: 'A reset is for open mode alone: this server verifies its callers.',
    });
  }
  await server.reset();
  return jsonResponse(200, { reset: true });
}
