/** Two regions whose default buses mirror each other, the load on them, and the look at what became of every event. */
import type { AwsClient } from '../../src/cli/aws-client.ts';

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';
export const REGIONS = [EAST, WEST] as const;
export type RegionName = (typeof REGIONS)[number];

const QUEUE = 'kept';

export interface RegionHealth {
  readonly status: string;
  readonly lease?: { readonly isHeld: boolean; readonly isDegraded: boolean };
  readonly lag?: Readonly<Record<string, { readonly waiting: number }>>;
}

export const otherOf = (region: RegionName): RegionName => (region === EAST ? WEST : EAST);
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface MirrorOptions {
  readonly account: string;
  readonly clientOf: (region: RegionName) => AwsClient;
}

export class Mirror {
  readonly acknowledged = new Set<number>();
  readonly unknown = new Set<number>();
  readonly #options: MirrorOptions;
  #number = 0;

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  client(region: RegionName): AwsClient {
    return this.#options.clientOf(region);
  }

  /** What is kept there, and that whatever is put there goes to the other region as well. */
  async build(region: RegionName): Promise<void> {
    const client = this.client(region);
    await client.json('sqs', 'CreateQueue', { QueueName: QUEUE });
    const rule = async (Name: string, Arn: string): Promise<void> => {
      await client.json('events', 'PutRule', { Name, EventPattern: '{"source":["shop"]}' });
      const RoleArn = `arn:aws:iam::${this.#options.account}:role/events`;
      await client.json('events', 'PutTargets', { Rule: Name, Targets: [{ Id: '1', Arn, RoleArn }] });
    };
    await rule('keep', `arn:aws:sqs:${region}:${this.#options.account}:${QUEUE}`);
    await rule('mirror', `arn:aws:events:${otherOf(region)}:${this.#options.account}:event-bus/default`);
  }

  /** Puts events one after the other until all have been tried. */
  async load(region: RegionName, count: number): Promise<void> {
    const client = this.client(region);
    for (let index = 0; index < count; index += 1) {
      this.#number += 1;
      const number = this.#number;
      const entry = { Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ number }) };
      try {
        await client.json('events', 'PutEvents', { Entries: [entry] });
        this.acknowledged.add(number);
      } catch {
        // Whether it was taken is not known, and it is not sent again.
        this.unknown.add(number);
        await nextTurn();
      }
    }
  }

  async health(asked: RegionName): Promise<Readonly<Record<RegionName, RegionHealth>>> {
    const path = '/_millrace/health';
    return (await this.client(asked).platform<{ regions: Record<RegionName, RegionHealth> }>('GET', path))
      .body.regions;
  }

  /** Asks until the answer is the one that is waited for; who does not answer is asked again. */
  async until(
    asked: RegionName,
    isIt: (health: Readonly<Record<RegionName, RegionHealth>>) => boolean,
  ): Promise<void> {
    for (;;) {
      try {
        if (isIt(await this.health(asked))) return;
      } catch {
        await nextTurn();
      }
    }
  }

  /** Both run, know it, and have all that the other one has for them. */
  async whenCalm(): Promise<void> {
    for (const region of REGIONS) {
      await this.until(region, (health) => {
        return REGIONS.every((each) => health[each].status === 'running') && isEmpty(health[region]);
      });
    }
  }

  async drain(region: RegionName): Promise<number[]> {
    const client = this.client(region);
    const QueueUrl = `${client.endpoint.url}/${this.#options.account}/${QUEUE}`;
    const numbers: number[] = [];
    for (;;) {
      const { Messages: messages = [] } = await client.json<{
        Messages?: { Body: string; ReceiptHandle: string }[];
      }>('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      if (messages.length === 0) return numbers;
      for (const { Body } of messages)
        numbers.push((JSON.parse(Body) as { detail: { number: number } }).detail.number);
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.json('sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
    }
  }
}

function isEmpty({ lag = {} }: RegionHealth): boolean {
  return Object.values(lag).every(({ waiting }) => waiting === 0);
}

/** What was acknowledged is there, once, in both regions; what is there was sent. */
export function check(world: Mirror, kept: Readonly<Record<RegionName, readonly number[]>>): string[] {
  const findings: string[] = [];
  for (const region of REGIONS) {
    const numbers = new Set(kept[region]);
    const lost = [...world.acknowledged].filter((number) => !numbers.has(number));
    if (lost.length > 0) findings.push(`${region} has lost ${lost.length} events that were acknowledged`);
    if (numbers.size < kept[region].length) findings.push(`${region} has events twice`);
    const isKnown = (number: number): boolean => world.acknowledged.has(number) || world.unknown.has(number);
    if (![...numbers].every(isKnown)) findings.push(`${region} has events that nobody put`);
  }
  return findings;
}

export async function drainBoth(world: Mirror): Promise<Record<RegionName, number[]>> {
  return { [EAST]: await world.drain(EAST), [WEST]: await world.drain(WEST) };
}
