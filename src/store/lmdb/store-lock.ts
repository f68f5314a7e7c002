import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { StoreOpenError } from '../../errors/index.ts';

/**
 * The right to a store's folder, of one process at a time. It is a place in the
 * table of readers of an empty database beside the data: LMDB guards it by a lock
 * of the kernel, so that it ends with its process however that ends, and is seen
 * from other containers too.
 */
export class StoreLock {
  readonly #root: RootDatabase;
  readonly #reading: Transaction;

  /** @throws {@link StoreOpenError} if somebody has it. */
  constructor(path: string) {
    const folder = join(path, lockFolder);
    mkdirSync(folder, { recursive: true });
    this.#root = open({ path: folder, noSubdir: false, overlappingSync: false });
    // Not read from before that is known: LMDB would wait for another process of the same id.
    if (countReaders(this.#root) > 0) this.#refuse(path);
    this.#reading = this.#root.useReadTransaction();
    // Two may have looked at the same moment.
    if (countReaders(this.#root) > 1) {
      this.#reading.done();
      this.#refuse(path);
    }
  }

  async release(): Promise<void> {
    this.#reading.done();
    await this.#root.close();
  }

  #refuse(path: string): never {
    void this.#root.close();
    throw new StoreOpenError(path, 'another process, or this one, has it open already');
  }
}

/** In the store's folder. */
export const lockFolder = 'lock';

function countReaders(root: RootDatabase): number {
  // A head line, then a line for each; or one line that says that there are none.
  return root.readerList().trim().split('\n').length - 1;
}
