import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../support/redis-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import type { Failover } from '../history.ts';

/** A master with a replica, and the proxies through which others reach whichever is the master. */
export class RedisPair {
  /** For the nodes. */
  readonly clients: TcpProxy;
  /** For who only looks: what is done to the nodes' connections does not touch it. */
  readonly observers: TcpProxy;
  readonly failovers: Failover[] = [];
  /** Changes when a failover begins and when it ends: odd while one is under way. */
  failoverTicks = 0;
  readonly #replication: TcpProxy;
  #master: RedisServer;
  #replica: RedisServer;

  private constructor(pair: {
    readonly master: RedisServer;
    readonly replica: RedisServer;
    readonly replication: TcpProxy;
    readonly clients: TcpProxy;
    readonly observers: TcpProxy;
  }) {
    this.#master = pair.master;
    this.#replica = pair.replica;
    this.#replication = pair.replication;
    this.clients = pair.clients;
    this.observers = pair.observers;
  }

  static async start(): Promise<RedisPair> {
    const master = await RedisServer.start();
    const replication = await TcpProxy.start(master.port);
    const replica = await RedisServer.startReplica(replication.port);
    const clients = await TcpProxy.start(master.port);
    const observers = await TcpProxy.start(master.port);
    return new RedisPair({ master, replica, replication, clients, observers });
  }

  get clientsUrl(): string {
    return `redis://127.0.0.1:${this.clients.port}`;
  }

  get observersUrl(): string {
    return `redis://127.0.0.1:${this.observers.port}`;
  }

  /** Sends a command to the master. */
  command(name: string, ...args: readonly string[]): Promise<unknown> {
    return this.#master.command(name, ...args);
  }

  /** `kill -9` of the master, which comes back with its data. */
  async restart(awayMs: number): Promise<void> {
    await this.#master.kill();
    await sleep(awayMs);
    await this.#master.restart();
  }

  /**
   * The replica takes over, and lacks what its master has acknowledged in the last
   * `lagMs`. Then it gets a replica of its own.
   *
   * @param beforeKill called when there is something that will be lost.
   */
  async failOver(lagMs: number, beforeKill = () => {}): Promise<void> {
    this.failoverTicks += 1;
    const syncedAt = await this.#whenSynced();
    // Held back in our hands, not in the kernel's: what the replica lacks, it never gets.
    this.#replication.stall('both');
    await sleep(lagMs);
    beforeKill();
    await this.#master.kill();
    this.failovers.push({ syncedAt, killedAt: performance.now() });
    this.#replication.cut();
    await this.#replica.promote();
    await this.#master.stop();
    this.#master = this.#replica;
    this.clients.retarget(this.#master.port);
    this.observers.retarget(this.#master.port);
    this.failoverTicks += 1;
    this.#replication.retarget(this.#master.port);
    this.#replication.resume();
    this.#replica = await RedisServer.startReplica(this.#replication.port);
  }

  async stop(): Promise<void> {
    for (const proxy of [this.clients, this.observers, this.#replication]) await proxy.close();
    await this.#master.stop();
    await this.#replica.stop();
  }

  /** Resolves to a time before which everything that was acknowledged is on the replica. */
  async #whenSynced(): Promise<number> {
    await this.#replica.whenLinked();
    const syncedAt = performance.now();
    const offset = await this.#master.replicationOffset();
    while ((await this.#replica.replicationOffset()) < offset) await sleep(1);
    return syncedAt;
  }
}
