import { lmdbStore } from 'statewire/lmdb';
import { onTestFinished } from 'vitest';
import { createDemo } from '../../examples/demo.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The demo on a free port, without its pages; to its URL. */
export async function startHttpDemo(): Promise<string> {
  const { server } = createDemo({
    logger: silentLogger,
    store: lmdbStore({ path: temporaryFolder(), durability: 'async' }),
    pages: temporaryFolder(),
  });
  const url = await server.listen(0);
  onTestFinished(() => server.close());
  return url;
}
