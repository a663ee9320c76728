import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../base/errors.ts';
import { encodePageToken, pageOf } from './page.ts';

const invalidToken = () => new AwsError('InvalidToken', 'no');

function page(names: readonly string[], countMax: number, token?: string) {
  return pageOf(names, { countMax, token, nameOf: (name) => name, invalidToken });
}

suite('pages', () => {
  test('hold everything once, whatever letters names are made of', () => {
    const names = ['__proto__', 'a', 'ü', '日本', '😀'];
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const found = page(names, 2, token);
      seen.push(...found.page);
      token = found.nextToken;
    } while (token !== undefined);
    assert.deepEqual(seen, names);
  });

  test('have no token when there is no more', () => {
    assert.deepEqual(page(['a', 'b'], 2), { page: ['a', 'b'] });
    assert.deepEqual(page([], 2), { page: [] });
  });

  test('go on where they were when the last one is gone', () => {
    assert.deepEqual(page(['a', 'c', 'd'], 1, encodePageToken('b')).page, ['c']);
    assert.deepEqual(page(['a'], 1, encodePageToken('b')), { page: [] });
    const options = {
      countMax: 1,
      token: encodePageToken('b'),
      nameOf: (name: string) => name,
      invalidToken,
    };
    assert.deepEqual(pageOf(['d', 'c', 'a'], { ...options, isDescending: true }), { page: ['a'] });
  });

  test('are refused for a token that is none of theirs', () => {
    for (const token of ['', '!', 'a', '\u00ff', `${encodePageToken('a')}=`]) {
      assert.throws(() => page(['a'], 1, token), { code: 'InvalidToken' }, token);
    }
  });
});
