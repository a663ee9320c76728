import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateApi } from '../../scripts/generate-api.ts';

test('the generated files are those that the models make', () => {
  for (const [name, text] of generateApi()) {
    const written = readFileSync(new URL(name, import.meta.url), 'utf8');
    assert.ok(written === text, `src/api/${name} is stale: run node scripts/generate-api.ts`);
  }
});
