import { fileURLToPath } from 'node:url';

const sources = {
  statewire: 'index',
  'statewire/bullmq': 'store/bullmq/index',
  'statewire/client': 'client/index',
  'statewire/client/apollo': 'client/apollo/index',
  'statewire/client/urql': 'client/urql/index',
  'statewire/lmdb': 'store/lmdb/index',
  'statewire/metrics': 'metrics/index',
  'statewire/redis': 'store/redis/index',
  'statewire/server': 'server/index',
  'statewire/testing': 'testing/index',
  'statewire/tracing': 'tracing/index',
};

/** The entry points of the package by their names, for Vite: their sources, not what was built of them. */
export const entryPoints = Object.entries(sources).map(([name, source]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`../src/${source}.ts`, import.meta.url)),
}));
