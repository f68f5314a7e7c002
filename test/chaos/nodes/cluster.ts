import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../../support/server-process.ts';
import type { NodeSettings } from './settings.ts';

const program = fileURLToPath(new URL('node-program.ts', import.meta.url));

/** Nodes say what goes wrong as often as something is taken from under them. */
const onError = (text: string) => {
  if (process.env['CHAOS_LOG']) process.stderr.write(text);
};

/** Before a node that did not come up is started again. */
const restartMs = 200;

/** Some nodes on one Redis, with a supervisor: one that ends is started again. */
export class Cluster {
  /** Nodes that ended by themselves, with the reason. */
  readonly crashes: string[] = [];
  readonly #settings: NodeSettings;
  readonly #nodes: (ServerProcess | null)[];
  readonly #starting = new Set<Promise<void>>();
  #stopped = false;

  private constructor(size: number, settings: NodeSettings) {
    this.#settings = settings;
    this.#nodes = Array.from({ length: size }, () => null);
  }

  static async start(size: number, settings: NodeSettings): Promise<Cluster> {
    const cluster = new Cluster(size, settings);
    await Promise.all(cluster.#nodes.map((_, slot) => cluster.#start(slot)));
    return cluster;
  }

  get size(): number {
    return this.#nodes.length;
  }

  /** Where the node of this slot listens, or the next one that runs; null if none does. */
  urlAt(slot: number): string | null {
    for (let step = 0; step < this.size; step += 1) {
      const node = this.#nodes[(slot + step) % this.size];
      if (node) return node.url;
    }
    return null;
  }

  isRunning(slot: number): boolean {
    return this.#nodes[slot] !== null;
  }

  /** `kill -9`, and a new one in its place. */
  async kill(slot: number): Promise<void> {
    const node = this.#nodes[slot];
    if (!node) return;
    this.#nodes[slot] = null;
    await node.kill();
    void this.#start(slot);
  }

  pause(slot: number): void {
    this.#nodes[slot]?.pause();
  }

  resume(slot: number): void {
    this.#nodes[slot]?.resume();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#nodes.map((node) => node?.kill()));
  }

  #start(slot: number): Promise<void> {
    const starting = this.#startUntilItRuns(slot).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
    return starting;
  }

  /** One that was killed has no place any more. */
  #onEnd(slot: number, node: ServerProcess, reason: string): void {
    if (this.#nodes[slot] !== node || this.#stopped) return;
    this.crashes.push(reason);
    this.#nodes[slot] = null;
    void this.#start(slot);
  }

  async #startUntilItRuns(slot: number): Promise<void> {
    let failure: unknown = null;
    for (let starts = 0; starts < 20 && !this.#stopped; starts += 1) {
      try {
        const args = [JSON.stringify(this.#settings)];
        const node = await ServerProcess.start({ program, args }, onError);
        this.#nodes[slot] = node;
        void node.ended.then((reason) => this.#onEnd(slot, node, reason));
        return;
      } catch (error) {
        // Redis may be away just now.
        failure = error;
        await sleep(restartMs);
      }
    }
    if (!this.#stopped) this.crashes.push(`it never came up: ${String(failure)}`);
  }
}
