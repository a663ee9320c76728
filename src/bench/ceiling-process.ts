/**
 * The ceiling: a bare `node:http` server that reads a request, parses its JSON and answers a small JSON object. It
 * stores nothing and checks nothing, so no server on `node:http` can be faster.
 */
import './exit-with-parent.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As long as the answer to a SendMessage. */
const ANSWER = JSON.stringify({ MessageId: 'x'.repeat(36), MD5OfMessageBody: 'x'.repeat(32) });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, {
      'Content-Type': 'application/x-amz-json-1.0',
      'Content-Length': ANSWER.length,
    });
    response.end(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`);
});
