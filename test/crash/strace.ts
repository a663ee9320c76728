/** strace, which sees and bends the system calls of a process and its threads. Linux only, and not allowed everywhere. */
import { spawnSync } from 'node:child_process';

const FOLLOW = ['-f', '--quiet=all'];
/** Lets the calls that nobody asked for pass at full speed. With it strace 6.1 injects errors, but no signals. */
const FILTER = '--seccomp-bpf';

/** Why tests that need strace are skipped, or `false` where it works. */
export function whyNoStrace(): string | false {
  const args = [...FOLLOW, FILTER, '-o', '/dev/null', '-e', 'trace=fsync', 'true'];
  const { error, status, stderr } = spawnSync('strace', args, { encoding: 'utf8' });
  if (error !== undefined) return 'strace is not installed';
  return status === 0 ? false : `strace does not work here: ${stderr.trim().split('\n')[0]}`;
}

/**
 * The command that makes what follows it fail: `what` is done to the `nth` of the calls of each of its threads, e.g.
 * `signal=KILL` or `error=EIO`; with `path`, only calls on that file count.
 */
export function injecting(calls: string, what: string, nth: number, path?: string): string[] {
  const inject = `inject=${calls}:${what}:when=${nth}`;
  const filter = path === undefined ? [] : ['-P', path];
  return ['strace', ...FOLLOW, '-o', '/dev/null', '-e', `trace=${calls}`, '-e', inject, ...filter];
}

/** The same for a process that has to be the one that is started: strace runs beside it, not above it. */
export function injectingBeside(calls: string, what: string, nth: number): string[] {
  const [strace = '', ...args] = injecting(calls, what, nth);
  return [strace, '-D', ...args];
}

/** The calls that change files, and those that tell which files they are. */
const CHANGING_CALLS =
  'openat,close,write,pwrite64,pwritev,fsync,fdatasync,ftruncate,truncate,' +
  'link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir';
/** Nothing writes more in one call; what is cut off is noticed by who reads the log. */
const WRITE_BYTES_MAX = 2 ** 20;

/**
 * The command that writes down, in `log`, how what follows it changes files; with `killAtSync`, the process is killed
 * where a thread of it is about to sync for that time.
 */
export function writingDown(log: string, killAtSync?: number): string[] {
  const inject = ['-e', `inject=fsync,fdatasync:signal=KILL:when=${killAtSync}`];
  const pace = killAtSync === undefined ? [FILTER] : inject;
  const what = ['-xx', '-s', String(WRITE_BYTES_MAX), '-e', `trace=${CHANGING_CALLS}`];
  return ['strace', ...FOLLOW, ...what, ...pace, '-o', log];
}
