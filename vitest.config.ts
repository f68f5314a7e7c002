import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

function source(path: string): string {
  return fileURLToPath(new URL(`src/${path}.ts`, import.meta.url));
}

/** Minutes, not seconds: begun last, they would keep one processor waiting for the other. */
const longest = /\/test\/(chaos|crash)\//;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  resolve: {
    alias: [
      // The file that Node itself would load; Vite's own rules would load graphql a second time.
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) },
      // The entry points of the package, by their names.
      { find: /^statewire$/, replacement: source('index') },
      { find: /^statewire\/client$/, replacement: source('client/index') },
      { find: /^statewire\/client\/apollo$/, replacement: source('client/apollo/index') },
      { find: /^statewire\/client\/urql$/, replacement: source('client/urql/index') },
      { find: /^statewire\/lmdb$/, replacement: source('store/lmdb/index') },
      { find: /^statewire\/redis$/, replacement: source('store/redis/index') },
      { find: /^statewire\/server$/, replacement: source('server/index') },
      { find: /^statewire\/testing$/, replacement: source('testing/index') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    typecheck: {
      enabled: true,
      include: ['test/types/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
    },
    // Most wait for others more than they compute: two at a time also where there are two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Servers and sockets are started for real; the slowest test drives a browser for eight seconds.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
