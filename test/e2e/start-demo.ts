import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lmdbStore } from 'statewire/lmdb';
import { onTestFinished } from 'vitest';
import { createDemo } from '../../examples/demo.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pages = fileURLToPath(new URL('../../examples/dist', import.meta.url));

export interface RunningDemo {
  readonly url: string;
  /** Once only; the end of the test does it otherwise. */
  close(): Promise<void>;
}

/** The real demo, with the built pages; on a store of its own unless one is named. */
export async function startDemo({
  port = 0,
  dataDir = temporaryFolder(),
}: {
  readonly port?: number;
  readonly dataDir?: string;
} = {}): Promise<RunningDemo> {
  if (!existsSync(`${pages}/index.html`)) {
    throw new Error('Expected the pages to be built: npm run build:pages');
  }
  const { server } = createDemo({
    logger: silentLogger,
    store: lmdbStore({ path: dataDir }),
    pages,
  });
  const url = await server.listen(port);
  onTestFinished(() => server.close());
  return { url, close: () => server.close() };
}
