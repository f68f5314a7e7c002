// A node that runs durable tasks, serves clients, or both, in a process of its own.
import { createApp, type StateStore } from 'statewire';
import { bullmq } from 'statewire/bullmq';
import { lmdbStore } from 'statewire/lmdb';
import { redisStore } from 'statewire/redis';
import { createServer, createWorker } from 'statewire/server';
import { silentLogger } from '../support/silent-logger.ts';
import { broken } from './broken-stores.ts';
import { Gate } from './gate.ts';
import { createJobs } from './jobs.ts';
import { Journal } from './journal.ts';
import type { Settings } from './settings.ts';

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const { name, folder, place, leaseMs = 5_000, fault, role, port = 0 } = settings;

function openStore(): StateStore {
  if (!place.startsWith('redis:')) return lmdbStore({ path: place });
  return redisStore({ url: place, leaseMs, queue: bullmq({ worker: role !== 'web' }) });
}

const store = openStore();
const host = { journal: new Journal(folder, name), gate: new Gate(folder), leaseMs };
const app = createApp({
  schema: createJobs(host),
  store: fault ? broken[fault](store) : store,
  development: true,
  logger: silentLogger,
});
if (role === 'worker') {
  await createWorker(app).start();
  console.log('works');
} else {
  console.log(await createServer(app).listen(port, '127.0.0.1'));
}
