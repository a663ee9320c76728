/**
 * Kills the processes of functions when the server has been killed. One shell holds a pipe from the server and keeps
 * the process groups that it is told of; when the pipe closes, however that came about, it kills those that are left.
 *
 * A process notices by itself that its own pipe has closed, but not while it is busy, and what the kernel kills in its
 * place (`--pdeathsig`) leaves its children behind. A group is killed with everything in it.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const SCRIPT = `
groups=
while read -r change group; do
  others=
  for other in $groups; do [ "$other" = "$group" ] || others="$others $other"; done
  groups=$others
  [ "$change" = + ] && groups="$groups $group"
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

export class Reaper {
  #shell: ChildProcess | undefined;

  /** The process leads a group of its own. */
  watch(pid: number): void {
    this.#tell(`+ ${pid}`);
  }

  /** Once it has ended: its number may soon be another's. */
  forget(pid: number): void {
    this.#tell(`- ${pid}`);
  }

  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #tell(line: string): void {
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(`${line}\n`);
  }

  #start(): ChildProcess {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C at the terminal must not end it before the server.
      detached: true,
      env: {},
    });
    shell.on('error', () => undefined);
    shell.stdin.on('error', () => undefined);
    // Neither holds up the end of a server that was not closed.
    shell.unref();
    return shell;
  }
}
