/** Waits until regions that have just started know each other: only then can each take requests for all. */
import type { IncomingMessage } from 'node:http';
import { type Clock, sleep } from '../base/clock.ts';
import type { RegionAddress } from './addresses.ts';

const { get } = process.getBuiltinModule('node:http');

/** A ping between two processes of one machine takes a millisecond. */
const LOOK_INTERVAL_MS = 10;
const LOOKS_MAX = 1000;

/** Resolves even when it does not come to that: a region may be held up by its disk, and the others serve. */
export async function whenAllKnowAll(regions: readonly RegionAddress[], clock: Clock): Promise<void> {
  for (let count = 0; count < LOOKS_MAX; count += 1) {
    const known = await Promise.all(regions.map(({ endpoint }) => isKnowingAll(endpoint)));
    if (known.every(Boolean)) return;
    await sleep(clock, LOOK_INTERVAL_MS);
  }
}

async function isKnowingAll(endpoint: string): Promise<boolean> {
  try {
    const { regions } = JSON.parse(await getText(`${endpoint}/_millrace/health`)) as {
      regions: Record<string, { status: string }>;
    };
    return Object.values(regions).every(({ status }) => status === 'running');
  } catch {
    // It is being started again.
    return false;
  }
}

function getText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (message: IncomingMessage) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (chunk: string) => (text += chunk));
      message.on('end', () => resolve(text));
      message.on('error', reject);
    }).on('error', reject);
  });
}
