import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { WitnessPort } from '../engine/region/lease-keeper.ts';
import { Witness } from '../engine/region/witness.ts';
import { PeerCalls } from '../installation/peer-calls.ts';
import { PeerHttp } from '../installation/peer-http.ts';
import { PeerSigner } from '../installation/signature.ts';
import { createWitnessPort, WITNESS } from './witness-calls.ts';
import { WitnessServer } from './witness-server.ts';

const SECRET = 'a secret of the installation that is long enough';
const HOST = '127.0.0.1';
const CANDIDATE = { group: 'primary', region: 'us-east-1', incarnation: 'one', isPreferred: true };
const COMMON = { clock: systemClock, log: silentLogger };

async function start(): Promise<{ server: WitnessServer; port: number }> {
  const witness = new Witness({
    records: [],
    save: () => undefined,
    monotonicMs: () => systemClock.monotonicMs(),
  });
  const server = new WitnessServer({ witness, secret: SECRET, ...COMMON });
  return { server, port: await server.listen({ host: HOST, port: 0 }) };
}

/** A region that calls the witness; its connections end with it. */
function connect(own: string, port: number, secret = SECRET): WitnessPort & Disposable {
  const http = new PeerHttp(() => undefined);
  const calls = new PeerCalls({
    own,
    isPeer: () => false,
    signer: new PeerSigner({ secret, clock: systemClock }),
    http,
    ...COMMON,
  });
  const peer = { region: WITNESS, endpoint: `http://${HOST}:${port}`, address: HOST };
  const witness = createWitnessPort((name, body) => calls.call(peer, name, body), systemClock);
  return { ...witness, [Symbol.dispose]: () => http.close() };
}

describe('WitnessServer', () => {
  it('answers regions that know the secret', async () => {
    const { server, port } = await start();
    await using _server = server;
    using region = connect('us-east-1', port);
    const granted = await region.acquire(CANDIDATE);
    assert.equal(granted.kind, 'granted');
    const degraded = await region.setDegraded({ ...CANDIDATE, epoch: 1 }, true);
    assert.equal(degraded.record?.epoch, 2);
    assert.equal((await region.release({ ...CANDIDATE, epoch: 2 })).kind, 'granted');
  });

  it('answers nobody else, and no region that speaks for another', async () => {
    const { server, port } = await start();
    await using _server = server;
    using stranger = connect('us-east-1', port, 'another secret that is as long as that one is');
    await assert.rejects(stranger.acquire(CANDIDATE), /does not know the secret/);
    using other = connect('us-west-2', port);
    await assert.rejects(other.acquire(CANDIDATE), /does not speak for us-east-1/);
    const unsigned = await fetch(`http://${HOST}:${port}/_millrace/peer/acquire`, {
      method: 'POST',
      body: '{}',
    });
    assert.equal(unsigned.status, 403);
    using region = connect('us-east-1', port);
    assert.equal((await region.acquire(CANDIDATE)).record?.epoch, 1, 'nothing was granted before');
  });

  it('takes no more than a region has to say', async () => {
    const { server, port } = await start();
    await using _server = server;
    const large = fetch(`http://${HOST}:${port}/_millrace/peer/acquire`, {
      method: 'POST',
      body: 'x'.repeat(100_000),
    });
    await assert.rejects(large);
  });
});
