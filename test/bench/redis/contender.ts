// The Redis store beside Redis itself, in a process of its own: see measure.ts.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { RecordLog } from '../../../src/engine/record-log.ts';
import { emptySnapshot, type Position, type TokenSnapshot } from '../../../src/state/snapshot.ts';
import { clientLike } from '../../../src/store/redis/redis-connection.ts';
import { redisStore } from '../../../src/store/redis/redis-store.ts';
import { hashToken, type TokenKey } from '../../../src/tokens/token-key.ts';
import type { Operation } from '../../../src/values/operation.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import type { MeasuredRedis } from './measure.ts';

const tokens = 50;
const rounds = 5;

// As most run it: on the disk once a second.
const server = await RedisServer.start(['--appendfsync', 'everysec']);
const template = new Redis(server.url, { lazyConnect: true });
const client = clientLike({ client: template, silenceMs: 5_000 }) as Redis;
await client.connect();
const store = redisStore({ client: template });
await store.open({ logger: silentLogger, onInherit() {}, onDisowned() {} });

/** A token as a node writes it: under a lease for each commit, with somebody who watches. */
class Writer {
  readonly key: TokenKey;
  readonly #valuesOf: (n: number) => Record<string, unknown>;
  #after: TokenSnapshot = emptySnapshot;

  constructor(name: string, valuesOf: (n: number) => Record<string, unknown>) {
    this.key = hashToken(name);
    this.#valuesOf = valuesOf;
    store.watch(this.key, { onCommit() {}, onTasks() {}, onCancel() {} });
  }

  async commit(): Promise<void> {
    const lease = await store.acquire(this.key, this.#after, () => {});
    const before = this.#after;
    const id = randomUUID();
    const version = before.version + 1;
    const position: Position = { version, id, firstId: before.firstId || id };
    const values = this.#valuesOf(version);
    const state = { version, loaded: false, values, computed: {} };
    const operations: Operation[] =
      version === 1 ? [['set', ['Cell'], state]] : [['set', ['Cell', 'values', 'n'], version]];
    const { firstId } = position;
    const changed = { Cell: ['n'] };
    const entry = { version, id, firstId, previousId: before.id, operations, changed };
    this.#after = { ...position, states: { Cell: state } };
    const tasks = { started: [], ended: [] };
    await lease.commit({ entry, after: this.#after, tasks, task: null, isLast: true });
    await lease.release();
  }
}

/** How many a second, on all tokens at once, one after the other on each. */
async function rate(step: (token: number) => Promise<unknown>, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1_000;
  let steps = 0;
  const work = async (token: number) => {
    while (performance.now() < end) {
      await step(token);
      steps += 1;
    }
  };
  await Promise.all(Array.from({ length: tokens }, (_, token) => work(token)));
  return (steps * 1_000) / (performance.now() - start);
}

/** How many scripts Redis has run. */
async function scriptCalls(): Promise<number> {
  const stats = await client.info('commandstats');
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  );
}

async function compareCommits(): Promise<MeasuredRedis['commits']> {
  const writers = Array.from(
    { length: tokens },
    (_, token) => new Writer(`T${token}`, (n) => ({ n })),
  );
  const commit = (token: number) => (writers[token] as Writer).commit();
  const ping = () => client.ping();
  await rate(commit, 1);
  await rate(ping, 1);
  const measured: MeasuredRedis['commits'][number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const pings = await rate(ping, 1);
    const calls = await scriptCalls();
    let events = 0;
    const commits = await rate((token) => {
      events += 1;
      return commit(token);
    }, 2);
    measured.push({ pings, commits, callsPerEvent: ((await scriptCalls()) - calls) / events });
  }
  return measured;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A state of 1,000 vars with as long a log as there ever is, against a hash of as many fields. */
async function compareLoads(): Promise<MeasuredRedis['loads']> {
  const values = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`var${index}`, `the value of var ${index}`]),
  );
  const writer = new Writer('many vars', (n) => ({ ...values, n }));
  // One more, and a snapshot takes the place of the first of them.
  for (let commit = 0; commit < 128; commit += 1) await writer.commit();
  await client.hset('plain', values);
  const loads: MeasuredRedis['loads'][number][] = [];
  for (let round = 0; round < 200; round += 1) {
    const load = await timed(async () => {
      const { snapshot, entries } = await store.read(writer.key, emptySnapshot);
      // As a node's copy takes it over.
      new RecordLog().extend(snapshot ?? emptySnapshot, entries);
    });
    const hgetall = await timed(() => client.hgetall('plain'));
    loads.push({ load, hgetall });
  }
  return loads.slice(100);
}

const measured: MeasuredRedis = { commits: await compareCommits(), loads: await compareLoads() };
await store.close();
client.disconnect();
await server.stop();
console.log(JSON.stringify(measured));
