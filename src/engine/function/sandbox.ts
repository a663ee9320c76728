/**
 * What stands between a function and the machine, made of what the machine offers. Each part is tried once, by
 * using it, and `describeSandbox` says which ones hold: a wall that is not there is named, never implied.
 *
 *   bubblewrap  its own mounts (only the code, the runtime and /tmp), process ids, IPC and host name; the network
 *               is the host's, because a function has to reach the platform's port
 *   setpriv     no new privileges, and the process dies with the server even while it is busy
 *   prlimit     open files, file size, no core dumps
 *   cgroup      memory, v1 or v2; without one the heap is limited and the pool watches the resident size
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A probe that takes longer than this (gVisor on some machines hangs) counts as failed. */
const PROBE_TIMEOUT_MS = 5000;

/** AWS allows 1,024 open files: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const OPEN_FILES_MAX = 1024;

/** Read-only parts of the machine that programs need to run, resolve names and check certificates. */
const SYSTEM_PATHS = [
  '/usr',
  '/lib',
  '/lib64',
  '/bin',
  '/sbin',
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/hosts',
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/pki',
  '/etc/resolv.conf',
  '/etc/ssl',
];

export interface SandboxSupport {
  readonly bubblewrap: boolean;
  readonly setpriv: boolean;
  readonly prlimit: boolean;
  /** The directory under which cgroups with a memory limit can be made. */
  readonly cgroup: { readonly version: 1 | 2; readonly directory: string } | undefined;
}

export const NO_SANDBOX: SandboxSupport = {
  bubblewrap: false,
  setpriv: false,
  prlimit: false,
  cgroup: undefined,
};

/** Finds out, by using each, what this machine offers. Takes some 20 ms. */
export async function detectSandbox(): Promise<SandboxSupport> {
  const [bubblewrap, setpriv, prlimit] = await Promise.all([
    works('bwrap', [...isolation(), ...readOnly(SYSTEM_PATHS), '--proc', '/proc', '--', '/bin/true']),
    works('setpriv', ['--no-new-privs', '--pdeathsig', 'KILL', '--', '/bin/true']),
    works('prlimit', [`--nofile=${OPEN_FILES_MAX}`, '--core=0', '--', '/bin/true']),
  ]);
  return { bubblewrap, setpriv, prlimit, cgroup: findCgroup() };
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args, { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' });
    return true;
  } catch {
    // Not installed, or the kernel refuses what it asks for: either way it cannot be counted on.
    return false;
  }
}

export interface SandboxPart {
  readonly isActive: boolean;
  readonly text: string;
}

/** What is active on this machine and what that means, for `millrace doctor`. */
export function describeSandbox({ bubblewrap, setpriv, prlimit, cgroup }: SandboxSupport): SandboxPart[] {
  const part = (isActive: boolean, active: string, missing: string): SandboxPart => {
    return { isActive, text: isActive ? active : missing };
  };
  return [
    part(
      bubblewrap,
      'bubblewrap: functions see only their code, their runtime and a /tmp of their own; the network is shared',
      'bubblewrap: not available, functions can read whatever the server can read: run only code that you trust',
    ),
    part(
      setpriv,
      'setpriv: functions gain no privileges',
      'setpriv: not available, functions may gain privileges through setuid programs',
    ),
    part(
      prlimit,
      `prlimit: ${OPEN_FILES_MAX} open files, bounded file size, no core dumps`,
      'prlimit: not available, open files and file sizes are not limited',
    ),
    part(
      cgroup !== undefined,
      `cgroup v${cgroup?.version}: memory is limited to the size of the function`,
      'cgroup: not writable, memory is limited by the heap size and by watching the resident size',
    ),
  ];
}

export interface SandboxCommand {
  /** The program and its arguments, with paths as `inside` maps them. */
  readonly argv: readonly string[];
  /** Unpacked code; inside it lies at `TASK_ROOT`. */
  readonly taskDirectory: string;
  readonly runtimeDirectory: string;
  /** A directory of the function's own; inside it is /tmp. */
  readonly temporaryDirectory: string;
  /** Further paths that the program needs, such as an interpreter outside /usr. */
  readonly readOnlyPaths: readonly string[];
  readonly fileSizeBytesMax: number;
  readonly memoryGroup: MemoryGroup | undefined;
}

/** Joins the group before anything else runs: what a process has started by the time it joins would stay outside. */
const JOIN_GROUP = 'echo $$ > "$0" && exec "$@"';

/** The three directories of a command, as the process will see them. */
export interface InsidePaths {
  readonly taskRoot: string;
  readonly runtimeDirectory: string;
  readonly temporaryDirectory: string;
}

export function insidePaths(
  support: SandboxSupport,
  outside: Omit<InsidePaths, 'taskRoot'> & { readonly taskDirectory: string },
): InsidePaths {
  if (support.bubblewrap) {
    return { taskRoot: '/var/task', runtimeDirectory: '/var/runtime', temporaryDirectory: '/tmp' };
  }
  const { taskDirectory: taskRoot, runtimeDirectory, temporaryDirectory } = outside;
  return { taskRoot, runtimeDirectory, temporaryDirectory };
}

/** The whole command line: the memory group, limits, then death with the parent, then the walls, then the program. */
export function sandboxed(support: SandboxSupport, command: SandboxCommand): readonly [string, ...string[]] {
  const argv: string[] = [];
  const { memoryGroup } = command;
  if (memoryGroup !== undefined) argv.push('/bin/sh', '-c', JOIN_GROUP, memoryGroup.processesFile);
  if (support.prlimit) {
    argv.push(
      'prlimit',
      `--nofile=${OPEN_FILES_MAX}`,
      '--core=0',
      `--fsize=${command.fileSizeBytesMax}`,
      '--',
    );
  }
  if (support.setpriv) argv.push('setpriv', '--no-new-privs', '--pdeathsig', 'KILL', '--');
  if (support.bubblewrap) argv.push('bwrap', ...walls(command), '--');
  argv.push(...command.argv);
  return argv as [string, ...string[]];
}

function isolation(): string[] {
  const unshare = ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'];
  return [...unshare, '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
}

function readOnly(paths: readonly string[]): string[] {
  return paths.flatMap((path) => ['--ro-bind-try', path, path]);
}

function walls(command: SandboxCommand): string[] {
  const isCovered = (path: string): boolean => path === '/usr' || path.startsWith(`/usr${sep}`);
  const argv = isolation();
  // /tmp first: an interpreter or code that lies below the host's /tmp is mounted over it.
  argv.push('--bind', command.temporaryDirectory, '/tmp');
  argv.push(...readOnly(SYSTEM_PATHS));
  argv.push(...readOnly(command.readOnlyPaths.filter((path) => !isCovered(path))));
  argv.push('--proc', '/proc', '--dev', '/dev');
  argv.push('--ro-bind', command.taskDirectory, '/var/task');
  argv.push('--ro-bind', command.runtimeDirectory, '/var/runtime');
  argv.push('--chdir', '/var/task');
  return argv;
}

const CGROUP_ROOT = '/sys/fs/cgroup';

function findCgroup(): SandboxSupport['cgroup'] {
  for (const { version, directory, limit } of [
    { version: 1, directory: join(CGROUP_ROOT, 'memory'), limit: 'memory.limit_in_bytes' },
    { version: 2, directory: CGROUP_ROOT, limit: 'memory.max' },
  ] as const) {
    const probe = join(directory, `millrace-${process.pid}-probe`);
    try {
      accessSync(directory, constants.W_OK);
      mkdirSync(probe);
      const isLimited = existsSync(join(probe, limit));
      rmdirSync(probe);
      if (isLimited) {
        removeStaleGroups(directory);
        return { version, directory };
      }
    } catch {
      // Read-only, or no such hierarchy: the next one, or none.
    }
  }
  return undefined;
}

/** A killed server leaves its groups behind; those of a process that is gone are empty and can be removed. */
function removeStaleGroups(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^millrace-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeGroup(join(directory, name));
  }
}

function removeGroup(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Its last process is not reaped yet; the next start removes it.
  }
}

export interface MemoryGroup {
  /** A process that writes its id here is in the group, with all that it starts from then on. */
  readonly processesFile: string;
  /** Once they have ended. */
  remove(): void;
}

/** Makes a cgroup with a memory limit; `undefined` where there is none to be had. */
export function createMemoryGroup(
  support: SandboxSupport,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): MemoryGroup | undefined {
  if (support.cgroup === undefined) return undefined;
  const { version, directory } = support.cgroup;
  const path = join(directory, `millrace-${process.pid}-${name}`);
  try {
    mkdirSync(path);
    writeFileSync(join(path, version === 1 ? 'memory.limit_in_bytes' : 'memory.max'), String(sizeBytes));
  } catch {
    // The hierarchy went read-only, say: the watch of the resident size remains.
    removeGroup(path);
    return undefined;
  }
  return { processesFile: join(path, 'cgroup.procs'), remove: () => removeGroup(path) };
}

export interface PythonInterpreter {
  readonly executable: string;
  /** Such as `3.11`. */
  readonly version: string;
  /** Directories that it imports from, for the sandbox. */
  readonly paths: readonly string[];
}

const PYTHON_FACTS = [
  'import sys, site, json',
  'paths = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]',
  'print(json.dumps([sys.executable, "%d.%d" % sys.version_info[:2], paths]))',
].join('\n');

/** The machine's python3, found behind shims such as pyenv's, which would cost 100 ms at every start. */
export async function findPython(command = 'python3'): Promise<PythonInterpreter | undefined> {
  try {
    const { stdout } = await run(command, ['-c', PYTHON_FACTS], { timeout: PROBE_TIMEOUT_MS });
    const [executable, version, paths] = JSON.parse(stdout) as [string, string, string[]];
    return { executable, version, paths: [...new Set([dirname(executable), ...paths])].filter(existsSync) };
  } catch {
    // No python3 on this machine: functions that want one say so when they are called.
    return undefined;
  }
}
