import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createDemo } from './demo.ts';
import { readEnvironment } from './environment.ts';

const logger = pino();
const { server } = createDemo({ logger, pages: fileURLToPath(new URL('dist', import.meta.url)) });
const url = await server.listen(readEnvironment().port);
logger.info({ url, store: 'memory' }, `statewire demo at ${url} (states live in memory only)`);
