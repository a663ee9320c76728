import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { decode, encode, streamEncode } from 'dns-packet';
import { systemClock } from '../../base/clock.ts';
import type { DnsQuestion, DnsReply } from '../../base/dns.ts';
import { silentLogger } from '../../base/log.ts';
import { DnsServer } from './server.ts';

const HOST = '127.0.0.1';

function respond({ name, type }: DnsQuestion): DnsReply {
  const count = name.startsWith('many') ? 200 : 1;
  const answers = Array.from({ length: type === 'A' ? count : 0 }, (_, index) => {
    return { name, type, ttlSeconds: 1, value: `10.0.0.${index + 1}` };
  });
  return { code: 'NOERROR', isAuthoritative: true, answers, authorities: [] };
}

async function openServer(): Promise<{ server: DnsServer; port: number; resolver: Resolver }> {
  const server = new DnsServer({ respond, clock: systemClock, log: silentLogger });
  const port = await server.listen({ host: HOST, port: 0 });
  const resolver = new Resolver();
  resolver.setServers([`${HOST}:${port}`]);
  return { server, port, resolver };
}

describe('DnsServer', () => {
  it('answers a resolver over UDP, and over TCP what does not fit', async () => {
    const { server, resolver } = await openServer();
    await using _server = server;
    assert.deepEqual(await resolver.resolve4('one.example'), ['10.0.0.1']);
    assert.equal((await resolver.resolve4('many.example')).length, 200);
  });

  it('goes on after bytes that are no question', async () => {
    const { server, port, resolver } = await openServer();
    await using _server = server;
    const udp = createSocket('udp4');
    udp.send(Buffer.from('nonsense, and more of it'), port, HOST);
    const [bytes] = (await once(udp, 'message')) as [Buffer];
    assert.equal((bytes[3] ?? 0) & 0xf, 1, 'FORMERR');
    udp.close();
    assert.deepEqual(await resolver.resolve4('one.example'), ['10.0.0.1']);
  });

  it('answers many questions of one connection, however their bytes are cut', async () => {
    const { server, port } = await openServer();
    await using _server = server;
    const socket = connect(port, HOST);
    const questions = Buffer.concat(
      [1, 2, 3].map((id) => streamEncode({ type: 'query', id, questions: [{ type: 'A', name: 'x' }] })),
    );
    for (const byte of questions) socket.write(Buffer.from([byte]));
    const ids: number[] = [];
    let pending = Buffer.alloc(0);
    for await (const chunk of socket) {
      pending = Buffer.concat([pending, chunk as Buffer]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const size = pending.readUInt16BE(0);
        ids.push(decode(pending.subarray(2, 2 + size)).id ?? 0);
        pending = pending.subarray(2 + size);
      }
      if (ids.length === 3) break;
    }
    assert.deepEqual(ids, [1, 2, 3]);
  });

  it('ends a connection that announces more than any question has', async () => {
    const { server, port } = await openServer();
    await using _server = server;
    const socket = connect(port, HOST);
    socket.write(Buffer.from([0xff, 0xff]));
    socket.resume();
    await once(socket, 'close');
  });

  it('tells that its port is taken, and leaves nothing open', async () => {
    const { server, port } = await openServer();
    await using _server = server;
    const second = new DnsServer({ respond, clock: systemClock, log: silentLogger });
    await assert.rejects(second.listen({ host: HOST, port }), { code: 'EADDRINUSE' });
    await server.close();
    assert.equal(await second.listen({ host: HOST, port }), port);
    await second.close();
  });

  it('sends nothing to one whose question is a reply', async () => {
    const { server, port } = await openServer();
    await using _server = server;
    const udp = createSocket('udp4');
    udp.send(encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'reply' }] }), port, HOST);
    udp.send(encode({ type: 'query', id: 2, questions: [{ type: 'A', name: 'query' }] }), port, HOST);
    const [bytes] = (await once(udp, 'message')) as [Buffer];
    udp.close();
    assert.equal(decode(bytes).id, 2);
  });
});
