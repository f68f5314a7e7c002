import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { StoreBackupError, StoreOpenError } from '../../errors/index.ts';
import { damageOf } from './check-file.ts';
import { lockFolder } from './store-lock.ts';

/** Says that there is a store in the folder, so that one whose data is gone is not taken for a new one. */
const marker = 'statewire-store';

/** LMDB's name for it. */
const dataFile = 'data.mdb';

/** What LMDB needs to begin with, in bytes. */
const roomBytes = 128 * 1024;

const markerText = `A store of statewire. One process may use it at a time; copy it with store.backup().
`;

/**
 * Makes the folder of a store if it is not there.
 *
 * @throws {@link StoreOpenError}
 */
export function prepareFolder(path: string): void {
  try {
    makeFolder(resolve(path));
    const lock = join(path, lockFolder);
    const isNew = !existsSync(join(path, 'lock.mdb')) || !existsSync(join(lock, 'lock.mdb'));
    if (isNew) assertRoom(path);
    const damage = damageIn(lock);
    if (damage) throw new StoreOpenError(path, `its lock is damaged (${damage}); remove ${lock}`);
  } catch (error) {
    throw asOpenError(path, error);
  }
}

/** Not by Node's `recursive`, which never returns where no folder can be made (`/proc`). */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been first.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
  syncFolder(parent);
}

/**
 * Looks at the data in a store's folder, which nobody else has open.
 *
 * @throws {@link StoreOpenError}
 */
export function checkData(path: string): void {
  if (bytesIn(path) === 0 && existsSync(join(path, marker))) {
    throw new StoreOpenError(path, 'its data is gone; restore a backup, or remove the folder');
  }
  const damage = damageIn(path);
  if (damage) throw new StoreOpenError(path, `its data is damaged (${damage}); restore a backup`);
}

/** What is wrong with the data in a folder of LMDB; null if nothing is, or if there is none. */
function damageIn(folder: string): string | null {
  return bytesIn(folder) === 0 ? null : damageOf(join(folder, dataFile));
}

function bytesIn(folder: string): number {
  return statSync(join(folder, dataFile), { throwIfNoEntry: false })?.size ?? 0;
}

/** Leaves what says that there is a store, and waits until the disk knows what is in the folder. */
export function markFolder(path: string): void {
  if (!existsSync(join(path, marker))) writeFileSync(join(path, marker), markerText);
  syncFolder(path);
}

function syncFolder(path: string): void {
  // Windows opens no folders, and needs none of this.
  if (process.platform === 'win32') return;
  try {
    syncFile(path);
  } catch (error) {
    // One that may be passed through, but not read.
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** LMDB would end the process if there is no room for its files. */
function assertRoom(path: string): void {
  const probe = join(path, 'probe');
  try {
    writeFileSync(probe, Buffer.alloc(roomBytes), { flush: true });
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Fills a new folder with a copy of the store in `source`. It is there as a whole or not at all.
 *
 * @throws {@link StoreBackupError}
 */
export async function copyTo(
  path: string,
  source: string,
  copy: (folder: string) => Promise<unknown>,
): Promise<void> {
  try {
    if (path === '') throw new StoreBackupError(path, 'it has no name');
    if (!relative(source, path).startsWith('..')) {
      throw new StoreBackupError(path, 'it is in the folder of the store');
    }
    if (statSync(path, { throwIfNoEntry: false }) && readdirSync(path).length > 0) {
      throw new StoreBackupError(path, 'there is something in it already');
    }
    const parent = resolve(path, '..');
    makeFolder(parent);
    const unfinished = await mkdtemp(`${resolve(path)}.unfinished-`);
    try {
      await copy(unfinished);
      syncFile(join(unfinished, dataFile));
      markFolder(unfinished);
      await rename(unfinished, path);
      syncFolder(parent);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof StoreBackupError) throw error;
    throw new StoreBackupError(path, reasonOf(error), { cause: error });
  }
}

/** By the number that LMDB gives, or the name that Node gives. */
const reasons = [
  { codes: [13, 'EACCES', 1, 'EPERM'], reason: 'this process may not read and write it' },
  { codes: [30, 'EROFS'], reason: 'its file system is read-only' },
  { codes: [20, 'ENOTDIR', 'EEXIST'], reason: 'it is not a folder' },
  { codes: [28, 'ENOSPC'], reason: 'its disk is full' },
];

export function asOpenError(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  return new StoreOpenError(path, reasonOf(error), { cause: error });
}

/** What is wrong with a path, in words. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const known = reasons.find(({ codes }) => codes.includes(code as number | string));
  return known?.reason ?? String(message);
}
