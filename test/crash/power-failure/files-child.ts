/**
 * Makes the files that stand beside the store, and says what they hold as soon as others could rely on it.
 *
 *   node files-child.ts DIRECTORY
 */
import { mkdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodeStore } from '../../../src/engine/function/code-store.ts';
import { loadSecretKey } from '../../../src/engine/secrets.ts';
import { zip } from '../../sdk/lambda-fixture.ts';

const [directory = ''] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const secret = loadSecretKey(join(directory, 'secret.key'));
writeSync(1, `holds secret.key ${secret.toString('hex')}\n`);
const code = new CodeStore(join(directory, 'code'));
for (let number = 0; number < 3; number += 1) {
  const bytes = Buffer.from(await zip({ 'index.js': `exports.handler = async () => ${number};` }));
  const { sha256 } = await code.save(bytes);
  writeSync(1, `holds code/${sha256}.zip ${bytes.toString('hex')}\n`);
}
