import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { end, spawnTied } from './tied-process.ts';

/** What was acknowledged is on the disk. Later ones win: each can be set again. */
const durable = [
  ...['--bind', '127.0.0.1', '--daemonize', 'no'],
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  // Replicas are there at once, not after five seconds.
  ...['--repl-diskless-sync-delay', '0'],
];

const maxStarts = 5;

/**
 * A real Redis on a free port, in a folder of its own. It ends with `stop()`, and
 * with this process, however that ends. `REDIS_SERVER_PATH` names another program
 * than `redis-server`.
 */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess;
  /** The port of its master, if it has one. */
  #follows: number | null = null;

  private constructor(server: {
    readonly port: number;
    readonly folder: string;
    readonly args: readonly string[];
    readonly child: ChildProcess;
  }) {
    this.port = server.port;
    this.#folder = server.folder;
    this.#args = server.args;
    this.#child = server.child;
  }

  /**
   * Resolves when it answers.
   *
   * @param args more arguments of its command line, which win over ours.
   */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'statewire-redis-'));
    for (let starts = 1; ; starts += 1) {
      const port = await freePort();
      try {
        const child = await run({ port, folder, args });
        return new RedisServer({ port, folder, args, child });
      } catch (error) {
        if (starts < maxStarts) continue;
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    }
  }

  /**
   * Another one that follows the one at `port`: this one, or a proxy before it.
   * Resolves when it has all that was there.
   */
  static async startReplica(port: number, args: readonly string[] = []): Promise<RedisServer> {
    const replica = await RedisServer.start(args);
    replica.#follows = port;
    await replica.command('REPLICAOF', '127.0.0.1', String(port));
    await replica.whenLinked();
    return replica;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Sends one command, on a connection of its own. */
  async command(name: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    // The command that fails says so.
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** A field of `INFO`. */
  async info(field: string): Promise<string | undefined> {
    const text = String(await this.command('INFO'));
    return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(text)?.[1];
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
  }

  /** Starts it again, on its data and its port, after `kill()`, or kills it first. */
  async restart(): Promise<void> {
    await this.kill();
    const role = this.#follows === null ? [] : ['--replicaof', '127.0.0.1', `${this.#follows}`];
    const args = [...this.#args, ...role];
    this.#child = await run({ port: this.port, folder: this.#folder, args });
  }

  /** SIGSTOP: connections stay, and nobody answers. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Makes a master of a replica, with what it has. */
  async promote(): Promise<void> {
    await this.command('REPLICAOF', 'NO', 'ONE');
    this.#follows = null;
  }

  /** Resolves when this replica gets its master's writes. */
  async whenLinked(): Promise<void> {
    while ((await this.info('master_link_status')) !== 'up') await sleep(5);
  }

  /** How much of a history this server has: of its own as a master, of its master's as a replica. */
  async replicationOffset(): Promise<number> {
    const isReplica = (await this.info('role')) === 'slave';
    return Number(await this.info(isReplica ? 'slave_repl_offset' : 'master_repl_offset'));
  }
}

async function run({
  port,
  folder,
  args,
}: {
  readonly port: number;
  readonly folder: string;
  readonly args: readonly string[];
}): Promise<ChildProcess> {
  const program = process.env['REDIS_SERVER_PATH'] || 'redis-server';
  const child = spawnTied(program, [...durable, '--dir', folder, '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await ready(child, program);
  return child;
}

/** Resolves when it has loaded its data: it answers from then on. */
async function ready(child: ChildProcess, program: string): Promise<void> {
  const failed = once(child, 'exit').then(() => null);
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const isReady = new Promise<true>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve(true);
      if (said.length < 100) said.push(line);
    });
  });
  // A program that is not there is told by 'error', not by 'exit'.
  if (await Promise.race([isReady, failed])) return;
  throw new Error(`Expected ${program} to start, got:\n${said.join('\n')}`);
}
