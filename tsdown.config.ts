import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    bullmq: 'src/store/bullmq/index.ts',
    client: 'src/client/index.ts',
    'client/apollo': 'src/client/apollo/index.ts',
    'client/urql': 'src/client/urql/index.ts',
    index: 'src/index.ts',
    lmdb: 'src/store/lmdb/index.ts',
    metrics: 'src/metrics/index.ts',
    redis: 'src/store/redis/index.ts',
    server: 'src/server/index.ts',
    testing: 'src/testing/index.ts',
    tracing: 'src/tracing/index.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  dts: true,
  fixedExtension: false,
});
