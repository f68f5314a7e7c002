import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess, type ServerProgram } from '../support/server-process.ts';
import { TodoClient } from './todo-client.ts';

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Subscriptions that went on after a kill from their cursor. */
  readonly resumed: number;
  readonly violations: readonly string[];
}

/** The demo on a folder, as `npm start` starts it, or another program like it. */
export function demoOn(dataDir: string, program = 'examples/start.ts'): ServerProgram {
  return { program, env: { DATA_DIR: dataDir, PORT: '0' } };
}

/** Kills the demo under load, again and again, and looks at what is there afterwards. */
export async function killLoop({
  dataDir,
  kills,
  program,
  tokens = 20,
}: {
  readonly dataDir: string;
  readonly kills: number;
  /** Another program than the demo. */
  readonly program?: string;
  readonly tokens?: number;
}): Promise<KillReport> {
  const clients = Array.from({ length: tokens }, (_, index) => new TodoClient(`T${index}`));
  // One more start than kills: the last is for the check alone.
  for (let kill = 0; kill <= kills; kill += 1) {
    const demo = await ServerProcess.start(demoOn(dataDir, program));
    const work = Promise.all(clients.map((client) => client.work(demo.url)));
    const before = sum(clients.map(({ acknowledged }) => acknowledged));
    while (sum(clients.map(({ acknowledged }) => acknowledged)) < before + 5 * tokens)
      await sleep(1);
    await sleep(Math.random() * 100);
    await demo.kill();
    await work;
  }
  return {
    kills,
    acknowledged: sum(clients.map(({ acknowledged }) => acknowledged)),
    resumed: sum(clients.map(({ resumed }) => resumed)),
    violations: clients.flatMap(({ violations }) => violations),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
