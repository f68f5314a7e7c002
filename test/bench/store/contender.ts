// One measurement in a process of its own: see measure.ts.
import { readFileSync } from 'node:fs';
import SchemaBuilder from '@pothos/core';
import { open } from 'lmdb';
import { createApp, memoryStore, type StateStore, statewire } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { redisStore } from 'statewire/redis';
import { RedisServer } from '../../support/redis-server.ts';
import type { Measured, Measurement } from './measure.ts';

const { contender, path, rows, tokens, seconds, warmUp } = JSON.parse(
  process.argv[2] ?? '',
) as Measurement;

/** Bytes that an entry of this state takes, and with it what `put` writes. */
const entryBytes = 330;

interface Subject {
  commit(token: number): Promise<unknown>;
  /** What was written so far: by this process, unless it says otherwise. */
  bytes?(): Promise<number>;
  close(): Promise<unknown>;
}

function startPut(noSync: boolean): Subject {
  const root = open({
    path,
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
    noSync,
  });
  const table = root.openDB<Buffer, (string | number)[]>('entries', { encoding: 'binary' });
  const versions = Array.from({ length: tokens }, () => 0);
  return {
    commit(token) {
      const version = (versions[token] ?? 0) + 1;
      versions[token] = version;
      return table.put([`${token}`.padStart(43, 'k'), version], Buffer.alloc(entryBytes, version));
    },
    close: () => root.close(),
  };
}

/** One app on a Redis, or two that take turns on each token. */
async function startRedis(apps: number): Promise<Subject> {
  const server = await RedisServer.start(['--appendfsync', 'everysec']);
  const subjects: Subject[] = [];
  for (let app = 0; app < apps; app += 1) {
    subjects.push(await startApp(redisStore({ url: server.url })));
  }
  let turn = 0;
  return {
    commit(token) {
      turn += 1;
      return (subjects[Math.floor(turn / tokens) % apps] as Subject).commit(token);
    },
    bytes: async () => Number(await server.info('total_net_input_bytes')),
    async close() {
      for (const subject of subjects) await subject.close();
      await server.stop();
    },
  };
}

async function startApp(store: StateStore): Promise<Subject> {
  const builder = new SchemaBuilder({ plugins: [statewire()] });
  const Row = builder.objectRef<{ id: number; text: string }>('Row').implement({
    fields: (t) => ({ text: t.exposeString('text', { nullable: false }) }),
  });
  const Table = builder.state('Table', {
    vars: (t) => ({ n: t.int({ default: 0 }), rows: t.field({ type: [Row], default: [] }) }),
  });
  const app = createApp({ schema: builder.toSchema(), store, development: true });
  const keys = Array.from({ length: tokens }, (_, token) => app.keyOf(`T${token}`));
  for (const key of keys) {
    await app.modifyState(Table, key, (s) => {
      s.rows = Array.from({ length: rows }, (_, id) => ({ id, text: 'x'.repeat(80) }));
    });
  }
  return {
    commit: (token) =>
      app.modifyState(Table, keys[token] as (typeof keys)[number], (s) => {
        s.n += 1;
      }),
    close: () => app.close(),
  };
}

async function start(): Promise<Subject> {
  switch (contender) {
    case 'put sync':
      return startPut(false);
    case 'put async':
      return startPut(true);
    case 'memory':
      return startApp(memoryStore());
    case 'lmdb sync':
      return startApp(lmdbStore({ path }));
    case 'lmdb async':
      return startApp(lmdbStore({ path, durability: 'async' }));
    case 'redis':
      return startRedis(1);
    case 'redis turns':
      return startRedis(2);
  }
}

/** What this process has written so far, in bytes. */
async function bytesWritten(): Promise<number> {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

/** Commits on every token, one after the other on each, for so many seconds. */
async function run(subject: Subject, forSeconds: number): Promise<Measured> {
  const { bytes = bytesWritten } = subject;
  const before = await bytes();
  const start = performance.now();
  const end = start + forSeconds * 1_000;
  let commits = 0;
  const work = async (token: number) => {
    while (performance.now() < end) {
      await subject.commit(token);
      commits += 1;
    }
  };
  await Promise.all(Array.from({ length: tokens }, (_, token) => work(token)));
  return {
    commits,
    seconds: (performance.now() - start) / 1_000,
    bytes: (await bytes()) - before,
  };
}

const subject = await start();
await run(subject, warmUp);
const measured = await run(subject, seconds);
await subject.close();
console.log(JSON.stringify(measured));
