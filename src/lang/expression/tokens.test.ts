import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { tokenize } from './tokens.ts';

function shown(text: string): string {
  return tokenize(text)
    .map(({ kind, text: token }) => `${kind}:${token}`)
    .join(' ');
}

suite('tokens', () => {
  test('an expression is cut where its grammar says', () => {
    assert.equal(
      shown('#a1.b_2[10]<=:v AND\tx<>y'),
      'alias:#a1 symbol:. name:b_2 symbol:[ index:10 symbol:] symbol:<= value::v name:AND name:x symbol:<> name:y end:<EOF>',
    );
    assert.equal(shown('a<b>=c'), 'name:a symbol:< name:b symbol:>= name:c end:<EOF>');
  });

  test('what begins no token is one of its own', () => {
    assert.equal(
      shown('_1 # : {😀é'),
      'unknown:_ index:1 unknown:# unknown:: unknown:{ unknown:😀 unknown:é end:<EOF>',
    );
  });

  test('tokens and blanks are all there is to any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let end = 0;
        for (const token of tokenize(text)) {
          assert.match(text.slice(end, token.start), /^[ \t\r\n]*$/);
          if (token.kind !== 'end') assert.equal(text.slice(token.start, token.end), token.text);
          end = token.end;
        }
        assert.equal(end, text.length);
      }),
    );
  });
});
