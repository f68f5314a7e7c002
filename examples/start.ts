import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { lmdbStore } from 'statewire/lmdb';
import { createDemo } from './demo.ts';
import { readEnvironment } from './environment.ts';

const logger = pino();
const pages = fileURLToPath(new URL('dist', import.meta.url));
try {
  const { dataDir, port } = readEnvironment();
  const path = resolve(dataDir);
  const { server } = createDemo({ logger, pages, store: lmdbStore({ path }) });
  const url = await server.listen(port);
  logger.info({ url, store: path }, `statewire demo at ${url} (states are kept in ${path})`);
} catch (error) {
  logger.fatal(error, 'the demo cannot start');
  process.exitCode = 1;
}
