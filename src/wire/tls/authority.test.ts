import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import { type Authority, openAuthority } from './authority.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 31);
const NAMES = ['localhost', '*.lambda-url.us-east-1.localhost', '127.0.0.1', '::1', 'fe80::1:0:0:20'];

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'tls');
}

function certificatesOf(pem: string): X509Certificate[] {
  return [...pem.matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)].map(
    ([text]) => new X509Certificate(text),
  );
}

function issued(authority: Authority, names = NAMES): X509Certificate {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new X509Certificate(authority.issue(names, publicKey).pem);
}

function daysOf({ validFromDate, validToDate }: X509Certificate): number {
  return (validToDate.getTime() - validFromDate.getTime()) / DAY_MS;
}

suite('the authority of an installation', () => {
  test('signs certificates for names and addresses of both families', () => {
    const authority = openAuthority({ directory: undefined, clock: new SimClock(START_MS) });
    const [ca, ...others] = certificatesOf(authority.caPem);
    assert.ok(ca?.ca);
    assert.deepEqual(others, []);
    const certificate = issued(authority);
    assert.ok(!certificate.ca);
    assert.ok(certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    for (const name of ['localhost', 'abc.lambda-url.us-east-1.localhost']) {
      assert.equal(certificate.checkHost(name) !== undefined, true, name);
    }
    for (const address of ['127.0.0.1', '::1', 'fe80::1:0:0:20']) {
      assert.equal(certificate.checkIP(address), address);
    }
    assert.equal(certificate.checkHost('example.com'), undefined);
    assert.notEqual(issued(authority).serialNumber, certificate.serialNumber);
  });

  test('gives certificates that no client finds too long, and that clocks behind by hours take', () => {
    const authority = openAuthority({ directory: undefined, clock: new SimClock(START_MS) });
    const certificate = issued(authority);
    assert.ok(daysOf(certificate) < 825);
    assert.ok(certificate.validFromDate.getTime() <= START_MS - DAY_MS / 2);
  });

  test('writes years from 2050 on as they have to be', () => {
    const clock = new SimClock(Date.UTC(2045, 0, 1));
    const [ca] = certificatesOf(openAuthority({ directory: undefined, clock }).caPem);
    assert.equal(ca?.validToDate.getUTCFullYear(), 2054);
  });

  test('keeps its key from others, and is the same one afterwards', (context) => {
    const directory = temporaryDirectory(context);
    const clock = new SimClock(START_MS);
    const first = openAuthority({ directory, clock });
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal(statSync(join(directory, 'authority-1.pem')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['authority-1.pem', 'ca.pem']);
    assert.equal(readFileSync(join(directory, 'ca.pem'), 'utf8'), first.caPem);
    assert.doesNotMatch(first.caPem, /PRIVATE/);
    const second = openAuthority({ directory, clock });
    assert.equal(second.caPem, first.caPem);
    const [ca] = certificatesOf(first.caPem);
    assert.ok(ca && issued(second).verify(ca.publicKey));
  });

  test('writes what clients trust again when it was removed', (context) => {
    const directory = temporaryDirectory(context);
    const { caPem } = openAuthority({ directory, clock: new SimClock(START_MS) });
    rmSync(join(directory, 'ca.pem'));
    openAuthority({ directory, clock: new SimClock(START_MS) });
    assert.equal(readFileSync(join(directory, 'ca.pem'), 'utf8'), caPem);
  });

  test('has a successor half a year before its end, and both are trusted until then', (context) => {
    const directory = temporaryDirectory(context);
    const old = openAuthority({ directory, clock: new SimClock(START_MS) });
    const late = new SimClock(old.untilMs - 100 * DAY_MS);
    const renewed = openAuthority({ directory, clock: late });
    const [newest, oldest] = certificatesOf(renewed.caPem);
    assert.equal(oldest?.toString(), old.caPem);
    assert.ok(newest && issued(renewed).verify(newest.publicKey));
    assert.equal(openAuthority({ directory, clock: late }).caPem, renewed.caPem);
    const later = openAuthority({ directory, clock: new SimClock(old.untilMs + DAY_MS) });
    assert.deepEqual(
      certificatesOf(later.caPem).map(({ serialNumber }) => serialNumber),
      [newest.serialNumber],
    );
  });

  test('that is damaged is reported, and not replaced', (context) => {
    const directory = temporaryDirectory(context);
    const clock = new SimClock(START_MS);
    openAuthority({ directory, clock });
    const path = join(directory, 'authority-1.pem');
    const whole = readFileSync(path, 'utf8');
    chmodSync(path, 0o600);
    writeFileSync(path, whole.slice(0, whole.length / 2));
    assert.throws(() => openAuthority({ directory, clock }), /authority-1\.pem holds no key with its cert/);
    const other = openAuthority({ directory: temporaryDirectory(context), clock });
    const key = whole.slice(0, whole.indexOf('-----BEGIN CERTIFICATE'));
    writeFileSync(path, key + other.caPem);
    assert.throws(() => openAuthority({ directory, clock }), /the key is not that of the certificate/);
    assert.deepEqual(readdirSync(directory), ['authority-1.pem', 'ca.pem']);
  });

  test('is one when several processes start at once', async (context) => {
    const directory = temporaryDirectory(context);
    const program = `
      import { openAuthority } from ${JSON.stringify(import.meta.resolve('./authority.ts'))};
      import { systemClock } from ${JSON.stringify(import.meta.resolve('../../base/clock.ts'))};
      process.stdin.once('data', () => {
        const authority = openAuthority({ directory: process.argv[1], clock: systemClock });
        process.stdout.write(authority.caPem);
        process.exit();
      });
      process.stderr.write('ready');`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program, directory], { stdio: 'pipe' }),
    );
    context.after(() => children.forEach((child) => child.kill()));
    await Promise.all(children.map((child) => once(child.stderr, 'data')));
    const answers = children.map(async (child) => {
      let text = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
      return text;
    });
    for (const child of children) child.stdin.write('go');
    const [first, ...others] = await Promise.all(answers);
    assert.equal(certificatesOf(first ?? '').length, 1);
    assert.deepEqual(new Set(others), new Set([first]));
    assert.deepEqual(readdirSync(directory), ['authority-1.pem', 'ca.pem']);
    assert.equal(readFileSync(join(directory, 'ca.pem'), 'utf8'), first);
  });
});
