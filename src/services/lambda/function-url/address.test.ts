import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededRandom } from '../../../base/random.ts';
import { functionUrlText, newUrlId, parseUrlAddress } from './address.ts';

const ID = 'abcdefghijklmnopqrstuvwxyz234567';

suite('the address of a function URL', () => {
  test('is any host name that begins with the id and lambda-url, whatever comes after it', () => {
    for (const host of [
      `${ID}.lambda-url.us-east-1.localhost:4566`,
      `${ID}.lambda-url.us-east-1.on.aws`,
      `${ID.toUpperCase()}.Lambda-URL.us-east-1.on.aws:443`,
    ]) {
      const address = parseUrlAddress(host, '/a/b?c=d');
      assert.equal(address?.id, ID, host);
      assert.equal(address.url, '/a/b?c=d');
      assert.equal(address.domainName, host.toLowerCase().replace(/:\d+$/, ''));
    }
  });

  test('is a path for clients that cannot resolve such a name', () => {
    const parse = (url: string) => parseUrlAddress('127.0.0.1:4566', url);
    assert.deepEqual(parse(`/_millrace/function-url/${ID}`), { id: ID, domainName: undefined, url: '/' });
    assert.deepEqual(parse(`/_millrace/function-url/${ID}/`), { id: ID, domainName: undefined, url: '/' });
    assert.deepEqual(parse(`/_millrace/function-url/${ID}?a=1`), {
      id: ID,
      domainName: undefined,
      url: '/?a=1',
    });
    assert.deepEqual(parse(`/_millrace/function-url/${ID}/x/%2e%2e/y?a=/b`), {
      id: ID,
      domainName: undefined,
      url: '/x/%2e%2e/y?a=/b',
    });
  });

  test('is no other host and no other path', () => {
    for (const host of [
      'localhost:4566',
      'lambda-url.us-east-1.on.aws',
      '.lambda-url.us-east-1.on.aws',
      `a.${ID}.lambda-url.us-east-1.on.aws`,
      `${ID}.lambda-url`,
      'lambda.us-east-1.amazonaws.com',
    ]) {
      assert.equal(parseUrlAddress(host, '/'), undefined, host);
    }
    for (const url of ['/', '/_millrace/functions/a.zip', `/x/_millrace/function-url/${ID}/`]) {
      assert.equal(parseUrlAddress('localhost', url), undefined, url);
    }
  });

  test('comes first by its name: no path below it is the path of another', () => {
    const host = `${ID}.lambda-url.us-east-1.localhost:4566`;
    const url = '/_millrace/function-url/other/';
    assert.deepEqual(parseUrlAddress(host, url)?.id, ID);
    assert.equal(parseUrlAddress(host, url)?.url, url);
  });
});

suite('the text of a function URL', () => {
  test('is a name of this machine with the scheme and the port of a caller on it', () => {
    const name = `${ID}.lambda-url.eu-west-1.localhost`;
    for (const host of ['localhost:4566', '127.0.0.1:4566', '[::1]:4566', 'a.localhost:4566']) {
      assert.equal(functionUrlText({ host, scheme: 'http' }, ID, 'eu-west-1'), `http://${name}:4566/`);
    }
    const text = functionUrlText({ host: 'localhost', scheme: 'https' }, ID, 'eu-west-1');
    assert.equal(text, `https://${name}/`);
    assert.equal(new URL(text).hostname, name);
  });

  test('is a path for a caller from elsewhere, for whom localhost is another machine', () => {
    for (const host of ['millrace:4566', '10.0.0.5:4566', 'millrace.example', '127.0.0.1.evil.example']) {
      assert.equal(
        functionUrlText({ host, scheme: 'http' }, ID, 'eu-west-1'),
        `http://${host}/_millrace/function-url/${ID}/`,
      );
    }
  });

  test('leads back to the id', () => {
    for (const host of ['localhost:4566', 'millrace:4566']) {
      const { host: to, pathname } = new URL(functionUrlText({ host, scheme: 'http' }, ID, 'us-east-1'));
      assert.equal(parseUrlAddress(to, pathname)?.id, ID);
    }
  });
});

test('an id is 32 characters that a host name can begin with', () => {
  const random = seededRandom(1);
  const ids = new Set(Array.from({ length: 100 }, () => newUrlId(random)));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[a-z0-9]{32}$/);
});
