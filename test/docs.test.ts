/** The documents say what is there: paths they name exist, generated pages are fresh, the changelog has its head. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { generateDocs } from '../scripts/generate-docs.ts';

const ROOT = dirname(import.meta.dirname);

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** `src/x/y.ts`, `test/sdk/`, `scripts/{a,b}.ts`; a name with `<placeholder>` or `*` names no one file. */
const NAMED_PATH =
  /(?<![\w/.-])(?:src|test|scripts|docs|models|tools|bin|console|examples|\.ci)\/[\w./{},<>*-]*[\w/}>*]/g;

function namedPaths(text: string): string[] {
  // Links to other hosts may hold such names too.
  const paths = text.replaceAll(/https?:\/\/\S+/g, '').match(NAMED_PATH) ?? [];
  return paths.filter((path) => !/[<>*]/.test(path)).flatMap(expandBraces);
}

/** `a/{b,c}.ts` -> `a/b.ts`, `a/c.ts`, as the shell does it. */
function expandBraces(path: string): string[] {
  const match = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path);
  if (match === null) return [path];
  const [, head = '', choices = '', tail = ''] = match;
  return choices.split(',').flatMap((choice) => expandBraces(head + choice + tail));
}

suite('documents', () => {
  const pages = globSync(['*.md', 'docs/lifecycle/*.md', 'models/*.md', 'examples/*/*.md'], { cwd: ROOT });
  for (const page of pages.toSorted()) {
    test(`${page} names only files that exist`, () => {
      const missing = namedPaths(read(page)).filter((path) => !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }

  test('a path that does not exist would be noticed, in braces too', () => {
    assert.deepEqual(namedPaths('see `src/{base,nowhere}/clock.ts`, then test/docs.test.ts.'), [
      'src/base/clock.ts',
      'src/nowhere/clock.ts',
      'test/docs.test.ts',
    ]);
    assert.deepEqual(namedPaths('src/services/<service>/operations/ and https://x.example/src/a.ts'), []);
  });

  test('each lifecycle page names the source files that the datum passes', () => {
    for (const page of globSync('docs/lifecycle/*.md', { cwd: ROOT })) {
      assert.ok(
        namedPaths(read(page)).some((path) => path.startsWith('src/')),
        `${page} names no source file`,
      );
    }
  });

  test('links between documents lead somewhere', () => {
    for (const page of pages) {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        assert.ok(existsSync(join(ROOT, dirname(page), target)), `${page} links to ${target}`);
      }
    }
  });

  test('the changelog opens with what is not released yet', () => {
    const [first] = read('CHANGELOG.md').match(/^## .*/m) ?? [];
    assert.equal(first, '## Unreleased');
  });
});

suite('generated pages', () => {
  test('are those that the code makes', async () => {
    for (const [name, text] of await generateDocs()) {
      assert.ok(
        existsSync(join(ROOT, name)) && read(name) === text,
        `${name} is stale: run npm run generate`,
      );
    }
  });
});
