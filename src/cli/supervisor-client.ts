/** Talks to the supervisor of a data directory, by what it has left in `supervisor.json`. */
import { UnreachableError } from './aws-client.ts';
import { readSupervisorFile, type SupervisorFile } from '../supervisor/state-file.ts';

export class SupervisorClient {
  readonly file: SupervisorFile;

  constructor(file: SupervisorFile) {
    this.file = file;
  }

  /** Throws with what the supervisor says when it refuses, `UnreachableError` when it is gone. */
  async perform(region: string, command: 'fail' | 'restore'): Promise<{ readonly status: string }> {
    const { control, token } = this.file;
    const response = await reach(control, `/regions/${encodeURIComponent(region)}/${command}`, token);
    const answer = (await response.json()) as { message?: string; status: string };
    if (!response.ok) throw new Error(answer.message ?? `the supervisor answers ${response.status}`);
    return answer;
  }
}

async function reach(control: string, path: string, token: string): Promise<Response> {
  try {
    return await fetch(new URL(path, control), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
  } catch (error) {
    throw new UnreachableError(control, error);
  }
}

/** The supervisor that has left word in `dataDir`, if its process is still there. */
export function findSupervisor(dataDir: string): SupervisorClient | undefined {
  const file = readSupervisorFile(dataDir);
  return file !== undefined && isAlive(file.pid) ? new SupervisorClient(file) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
