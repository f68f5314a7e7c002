import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { entryPoints } from './scripts/entry-points.ts';

/** Minutes, not seconds: begun last, they would keep one processor waiting for the other. */
const longest = /\/test\/(chaos|crash|durable)\//;

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
      ...entryPoints,
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
