import { strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { appFolder, installReflex } from './install.ts';
import { ProcessGroup } from './process-group.ts';
import { ReflexSocket } from './reflex-socket.ts';

const warmUpMs = 500;
const startTimeoutMs = 60_000;

export interface ReflexRate {
  /** Events a second, of all tokens. */
  readonly rate: number;
  /** How much of the time the server was on a CPU, in all its threads: 1 is one core. */
  readonly busy: number;
  /** Of the server. */
  readonly cpuPerEventMicros: number;
}

/** Reflex with the app in `app/`, as `reflex run --env prod` runs it: see {@link startReflex}. */
export class ReflexServer {
  readonly #port: number;
  readonly #processes: ProcessGroup;

  constructor(port: number, processes: ProcessGroup) {
    this.#port = port;
    this.#processes = processes;
  }

  /**
   * As many events as it can take with so many tokens, each on a connection of its
   * own that sends the next event when the last one is answered.
   *
   * @throws Error if an answer is not that of the event, or a connection ends.
   */
  async eventsPerSecond(tokens: number, seconds: number): Promise<ReflexRate> {
    const tabs = await Promise.all(
      Array.from({ length: tokens }, () => ReflexSocket.open(this.#port)),
    );
    try {
      return await this.#drive(tabs, seconds);
    } finally {
      for (const tab of tabs) tab.close();
    }
  }

  /** Ends all of its processes. */
  async stop(): Promise<void> {
    await this.#processes.kill();
  }

  async #drive(tabs: readonly ReflexSocket[], seconds: number): Promise<ReflexRate> {
    let events = 0;
    let isOver = false;
    const work = async (tab: ReflexSocket) => {
      for (let n = 1; !isOver; n += 1) {
        strictEqual(await tab.bump(), n);
        events += 1;
      }
    };
    const now = () => ({ events, cpu: this.#processes.cpuSeconds(), ms: performance.now() });
    const measure = async () => {
      await sleep(warmUpMs);
      const start = now();
      await sleep(seconds * 1_000);
      const end = now();
      isOver = true;
      return { start, end };
    };
    const [{ start, end }] = await Promise.all([measure(), ...tabs.map(work)]);
    const cpu = end.cpu - start.cpu;
    const elapsed = (end.ms - start.ms) / 1_000;
    return {
      rate: (end.events - start.events) / elapsed,
      busy: cpu / elapsed,
      cpuPerEventMicros: (cpu * 1_000_000) / (end.events - start.events),
    };
  }
}

/**
 * Installs Reflex, if need be, and starts its backend: in production mode, without
 * telemetry, with states in memory, on the server that Reflex chooses itself (Granian)
 * with one worker. Resolves when it answers, or with null where Reflex cannot be
 * installed.
 *
 * @throws Error if it does not start.
 */
export async function startReflex(): Promise<ReflexServer | null> {
  const folder = installReflex();
  if (folder === null) return null;
  const port = await freePort();
  const processes = new ProcessGroup(
    join(folder, 'bin/python'),
    [
      ...['-m', 'reflex', 'run', '--env', 'prod', '--backend-only'],
      ...['--backend-host', '127.0.0.1', '--backend-port', String(port)],
    ],
    {
      cwd: appFolder,
      // Nothing else: Reflex has a variable for each of its settings.
      env: {
        PATH: process.env['PATH'],
        GRANIAN_WORKERS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        REFLEX_CHECK_LATEST_VERSION: 'false',
        REFLEX_DIR: join(folder, 'home'),
        REFLEX_WEB_WORKDIR: join(folder, 'web'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    await whenReady(processes, port);
  } catch (error) {
    await processes.kill();
    throw error;
  }
  return new ReflexServer(port, processes);
}

async function whenReady(processes: ProcessGroup, port: number): Promise<void> {
  const said: string[] = [];
  for (const output of [processes.leader.stdout, processes.leader.stderr]) {
    createInterface({ input: output as NodeJS.ReadableStream }).on('line', (line) => {
      if (said.length < 100) said.push(line);
    });
  }
  const deadline = performance.now() + startTimeoutMs;
  while (!processes.hasEnded && performance.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => null);
    if (answer?.ok) return;
    await sleep(20);
  }
  throw new Error(`Expected Reflex to start, got:\n${said.join('\n')}`);
}
