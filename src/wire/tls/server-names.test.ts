import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { isCertifiable, ownNames } from './server-names.ts';

test('a server has the names of this machine, and of what it publishes for its region', () => {
  const names = ownNames(['10.1.2.3', '127.0.0.2'], 'eu-west-1');
  for (const name of [
    'localhost',
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '127.0.0.2',
    '*.lambda-url.eu-west-1.on.aws',
    'sync-states.eu-west-1.amazonaws.com',
  ]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(
    new Set(ownNames(['127.0.0.1'], 'eu-west-1')).size,
    ownNames(['127.0.0.1'], 'eu-west-1').length,
  );
});

test('a server that listens on every address has the name of the machine', () => {
  for (const host of ['0.0.0.0', '::']) {
    const names = ownNames([host], 'us-east-1');
    assert.ok(names.includes(hostname()) || !isCertifiable(hostname()));
    assert.ok(!names.includes(host));
    assert.ok(names.every((name) => !name.includes('%')));
  }
});

test('certificates are made for what can be the name of a host, and for nothing else', () => {
  for (const name of ['a', 'a-b.localhost', '_x.example.com', 'A.B', '1.2.3.4', '::1', 'a'.repeat(63)]) {
    assert.ok(isCertifiable(name), name);
  }
  const tooLong = `${'a.'.repeat(127)}`.slice(0, -1);
  for (const name of [
    '',
    '.',
    'a..b',
    'a.',
    'a b',
    'a\0b',
    '*.a',
    'ä.example',
    `${tooLong}.b`,
    'fe80::1%eth0',
  ]) {
    assert.ok(!isCertifiable(name), name);
  }
  assert.ok(!isCertifiable('a'.repeat(64)));
});
