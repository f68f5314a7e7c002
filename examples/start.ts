import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { StateStore } from 'statewire';
import { bullmq } from 'statewire/bullmq';
import { lmdbStore } from 'statewire/lmdb';
import { redisStore } from 'statewire/redis';
import { createDemo } from './demo.ts';
import { type Environment, readEnvironment } from './environment.ts';

const logger = pino();
const pages = fileURLToPath(new URL('dist', import.meta.url));
try {
  const environment = readEnvironment();
  const { store, place } = openStore(environment);
  const { server } = createDemo({ logger, pages, store });
  const url = await server.listen(environment.port);
  logger.info({ url, store: place }, `statewire demo at ${url} (states are kept in ${place})`);
} catch (error) {
  logger.fatal(error, 'the demo cannot start');
  process.exitCode = 1;
}

function openStore({ store }: Environment): {
  readonly store: StateStore;
  /** For messages: without a password. */
  readonly place: string;
} {
  if ('url' in store) {
    return { store: redisStore({ ...store, queue: bullmq() }), place: new URL(store.url).host };
  }
  const path = resolve(store.path);
  return { store: lmdbStore({ path }), place: path };
}
