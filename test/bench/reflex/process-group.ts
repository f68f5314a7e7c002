import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** Waits for the end of its input, which comes with the end of whoever wrote to it. */
const guardScript = 'cat > /dev/null; kill -9 "-$1"';

/** What the kernel counts CPU time in, for programs: see proc_pid_stat(5). */
const ticksPerSecond = 100;

/**
 * A process and all that it starts. They end with `kill()`, and with this process,
 * however that ends: Reflex's worker would outlive the one that started it.
 */
export class ProcessGroup {
  readonly leader: ChildProcess;
  readonly #pid: number;

  /** @throws Error if the program cannot be started. */
  constructor(program: string, args: readonly string[], options: SpawnOptions) {
    this.leader = spawn(program, args, { ...options, detached: true });
    if (this.leader.pid === undefined) throw new Error(`Expected ${program} to start.`);
    this.#pid = this.leader.pid;
    const guard = spawn('/bin/sh', ['-c', guardScript, 'guard', String(this.#pid)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guard.unref();
    this.leader.once('exit', () => {
      signal(this.#pid);
      guard.kill('SIGKILL');
    });
  }

  get hasEnded(): boolean {
    return this.leader.exitCode !== null || this.leader.signalCode !== null;
  }

  /** `kill -9` for all of them. Resolves when the first one has ended. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.leader, 'exit');
    signal(this.#pid);
    await exit;
  }

  /** The CPU time, in seconds, of those that run, in programs and in the kernel. */
  cpuSeconds(): number {
    const ticks = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(readStat)
      .filter(({ group }) => group === this.#pid)
      .reduce((sum, process) => sum + process.ticks, 0);
    return ticks / ticksPerSecond;
  }
}

/** Nobody may be left. */
function signal(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readStat(pid: string): { readonly group: number; readonly ticks: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // After the name, in parentheses, which may hold anything: from the third on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { group: Number(fields[2]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    // It has ended.
    return { group: 0, ticks: 0 };
  }
}
