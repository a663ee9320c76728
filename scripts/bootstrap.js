/**
 * Behind `npm start`, `npm test`, `npm run demo` and others of the scripts: makes a fresh clone runnable, then hands over.
 * It installs what the lock file says where node_modules does not hold it, rebuilds dist where it is stale, and runs
 * the command with the Node that the `tools` workspace pins.
 *
 * This one file is plain JavaScript for any Node since 20: on a fresh clone nothing newer may be there yet.
 * All arguments after the command are passed on; signals, exit code and the terminal are those of the command.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const COMMANDS = {
  start: { needsBuild: true, script: 'dist/main.js', args: ['start'] },
  demo: { needsBuild: true, script: 'dist/main.js', args: ['demo'] },
  bench: { needsBuild: true, script: 'dist/main.js', args: ['bench'] },
  test: { needsBuild: false, script: 'scripts/run-tests.ts', args: [] },
  'test:crash': { needsBuild: false, script: 'scripts/long-tests.ts', args: ['crash'] },
  'test:regions': { needsBuild: false, script: 'scripts/long-tests.ts', args: ['regions'] },
  'test:sim': { needsBuild: false, script: 'scripts/long-tests.ts', args: ['sim'] },
};

/** Progress goes to stderr: the command's own output may be read by a program. */
function say(message) {
  process.stderr.write(`millrace: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Why the packages have to be installed, or undefined when node_modules holds what the lock file says. */
function installReason() {
  // npm keeps what it installed in a lock file of the same form; comparing the two needs no stamp of our own.
  const installed = readJson(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'node_modules is missing';
  const wanted = readJson(join(ROOT, 'package-lock.json'));
  for (const [path, entry] of Object.entries(wanted?.packages ?? {})) {
    if (!path.startsWith('node_modules/') || entry.link) continue;
    const found = installed.packages[path];
    // Optional packages of other platforms are in the lock file and not on the disk.
    if (found === undefined && entry.optional) continue;
    if (found?.version !== entry.version || found?.integrity !== entry.integrity) {
      return `the lock file wants ${path.slice('node_modules/'.length)} ${entry.version}`;
    }
  }
  return undefined;
}

function install(reason) {
  say(`installing packages with npm ci, because ${reason} ...`);
  // --include=dev: the pinned Node and the compiler are development packages, wanted even with NODE_ENV=production.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  // npm's output goes to stderr, too.
  const stdio = ['ignore', 2, 2];
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, stdio })
    : spawnSync('npm', args, { cwd: ROOT, stdio, shell: process.platform === 'win32' });
  if (status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ''}`);
}

/** The Node of the `tools` workspace, or the one running this where the platform has no such package. */
function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const pinned = join(ROOT, 'node_modules', packageName, 'bin', name);
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 11)) return process.execPath;
  return fail(`no pinned Node for ${process.platform}-${process.arch}: install Node 24.11 or later`);
}

function build(node) {
  const { status } = spawnSync(node, ['scripts/build.ts', '--if-stale'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('the build failed');
}

function run(node, command, args) {
  const guard = new URL('orphan-guard.js', import.meta.url).href;
  const nodeArgs = [
    '--enable-source-maps',
    '--import',
    guard,
    join(ROOT, command.script),
    ...command.args,
    ...args,
  ];
  const child = spawn(node, nodeArgs, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // A terminal sends Ctrl-C to the child as well; a second SIGINT could be taken for "stop at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
if (command === undefined)
  fail(`usage: node scripts/bootstrap.js ${Object.keys(COMMANDS).join('|')} [arguments]`);
const reason = installReason();
if (reason !== undefined) install(reason);
const node = findNode();
if (command.needsBuild) build(node);
run(node, command, args);
