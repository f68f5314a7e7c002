import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { StoreOpenError } from 'statewire';
import { lmdbStore } from 'statewire/lmdb';
import { createDemo } from './demo.ts';
import { readEnvironment } from './environment.ts';

const logger = pino();
const { dataDir, port } = readEnvironment();
const path = resolve(dataDir);
const pages = fileURLToPath(new URL('dist', import.meta.url));
try {
  const { server } = createDemo({ logger, pages, store: lmdbStore({ path }) });
  const url = await server.listen(port);
  logger.info({ url, store: path }, `statewire demo at ${url} (states are kept in ${path})`);
} catch (error) {
  if (!(error instanceof StoreOpenError)) throw error;
  logger.fatal(`${error.message} DATA_DIR names another folder.`);
  process.exitCode = 1;
}
