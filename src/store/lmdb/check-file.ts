import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Why a data file of LMDB, which nobody writes, is damaged; or null. LMDB maps the
 * file into memory and trusts it: one that is too short, or a page with garbage,
 * ends the process.
 * So this reads it first, all pages of its trees but the bodies of large values,
 * which have a checksum: about a second for each GB.
 *
 * The layout is that of the LMDB in lmdb 3.5 (`dependencies/lmdb/libraries/liblmdb/mdb.c`).
 */
export function damageOf(file: string): string | null {
  const descriptor = openSync(file, 'r');
  try {
    new FileCheck(descriptor).run();
    return null;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

class Damage extends Error {}

const metaMagic = 0xbeefc0de;
const metaVersion = 2;
const metaBytes = 192;
const headerBytes = 24;
const noPage = 0xffff_ffff_ffff_ffffn;

/** Bits of a page's flags. */
const branchPage = 1;
const leafPage = 2;
const overflowPage = 4;
const metaPage = 8;

/** Bits of a node's flags. */
const largeValue = 1;
const subTree = 2;

/** One B-tree of the file: how a record of it looks in a meta page and in a leaf. */
interface Tree {
  readonly depth: number;
  readonly entries: bigint;
  readonly root: bigint;
}

interface Meta {
  readonly pageBytes: number;
  readonly trees: readonly [freePages: Tree, main: Tree];
  readonly lastPage: number;
  readonly transaction: bigint;
}

class FileCheck {
  readonly #file: number;
  readonly #fileBytes: number;
  readonly #meta: Meta;
  readonly #seen: Uint8Array;
  readonly #subTrees: Tree[] = [];
  #entries = 0n;
  #isOfFreePages = true;

  constructor(file: number) {
    this.#file = file;
    this.#fileBytes = fstatSync(file).size;
    const first = this.#readMeta(0);
    const second = this.#readMeta(first.pageBytes);
    this.#meta = second.transaction > first.transaction ? second : first;
    this.#seen = new Uint8Array(Math.ceil(this.#fileBytes / this.#meta.pageBytes));
  }

  run(): void {
    const [freePages, main] = this.#meta.trees;
    this.#checkTree(freePages);
    this.#isOfFreePages = false;
    this.#checkTree(main);
    for (const tree of this.#subTrees) this.#checkTree(tree);
  }

  #readMeta(offset: number): Meta {
    const page = this.#read(offset, metaBytes);
    const isMeta =
      (page.readUInt16LE(18) & metaPage) !== 0 &&
      page.readUInt32LE(24) === metaMagic &&
      page.readUInt32LE(28) === metaVersion;
    const pageBytes = page.readUInt32LE(48);
    const isPageSize =
      pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
    if (!isMeta || !isPageSize) throw new Damage('its header is damaged');
    return {
      pageBytes,
      trees: [readTree(page, 48), readTree(page, 96)],
      lastPage: Number(page.readBigUInt64LE(144)),
      transaction: page.readBigUInt64LE(152),
    };
  }

  #checkTree({ root, depth, entries }: Tree): void {
    this.#entries = 0n;
    if (root !== noPage) this.#checkPage(Number(root), depth);
    if (this.#entries !== entries) throw new Damage('records are missing');
  }

  #checkPage(number: number, depth: number): void {
    const { pageBytes, transaction } = this.#meta;
    this.#take(number, 1);
    const page = this.#read(number * pageBytes, pageBytes);
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    const isSound =
      page.readBigUInt64LE(0) === BigInt(number) &&
      page.readBigUInt64LE(8) <= transaction &&
      page.readUInt16LE(18) === (depth === 1 ? leafPage : branchPage) &&
      lower <= upper &&
      upper + headerBytes <= pageBytes;
    if (!isSound) throw new Damage(`page ${number} is damaged`);
    let last: Buffer | null = null;
    for (let at = 0; at < lower; at += 2) {
      const offset = page.readUInt16LE(headerBytes + at) + headerBytes;
      if (offset < headerBytes + lower || offset + 8 > pageBytes) {
        throw new Damage(`page ${number} is damaged`);
      }
      const node = page.subarray(offset);
      const key = node.subarray(8, 8 + node.readUInt16LE(6));
      const isFirstOfBranch = depth > 1 && at === 0; // which has no key
      if (last && !isFirstOfBranch && !this.#isAscending(last, key)) {
        throw new Damage(`page ${number} is damaged`);
      }
      last = isFirstOfBranch ? null : key;
      this.#checkNode(node, number, depth);
    }
  }

  /** The keys of the tree of free pages are numbers, all others are compared byte by byte. */
  #isAscending(key: Buffer, next: Buffer): boolean {
    return this.#isOfFreePages || key.compare(next) < 0;
  }

  #checkNode(node: Buffer, page: number, depth: number): void {
    const low = node.readUInt16LE(0) + node.readUInt16LE(2) * 0x1_0000;
    const flags = node.readUInt16LE(4);
    if (depth > 1) {
      this.#checkPage(low + flags * 0x1_0000_0000, depth - 1);
      return;
    }
    this.#entries += 1n;
    const value = 8 + node.readUInt16LE(6);
    const isLarge = (flags & largeValue) !== 0;
    if (value + (isLarge ? headerBytes : low) > node.length) {
      throw new Damage(`page ${page} is damaged`);
    }
    if (isLarge) this.#checkLargeValue(node.subarray(value), low);
    else if ((flags & subTree) !== 0) this.#subTrees.push(readTree(node, value));
  }

  #checkLargeValue(reference: Buffer, bytes: number): void {
    const { pageBytes } = this.#meta;
    const first = Number(reference.readBigUInt64LE(0));
    const count = Number(reference.readBigUInt64LE(16));
    this.#take(first, count);
    const header = this.#read(first * pageBytes, headerBytes);
    const isSound =
      header.readBigUInt64LE(0) === BigInt(first) &&
      header.readUInt16LE(18) === overflowPage &&
      header.readUInt32LE(20) === count &&
      count * pageBytes >= headerBytes + bytes;
    if (!isSound) throw new Damage(`page ${first} is damaged`);
  }

  /** Every page belongs to one place, and is in the file. */
  #take(first: number, count: number): void {
    const { lastPage, pageBytes } = this.#meta;
    const end = first + count;
    if (first < 2 || end - 1 > lastPage) throw new Damage(`a page ${first} is out of range`);
    if (end * pageBytes > this.#fileBytes) throw new Damage('it is truncated');
    for (let page = first; page < end; page += 1) {
      if (this.#seen[page] === 1) throw new Damage(`page ${page} is in use twice`);
      this.#seen[page] = 1;
    }
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.#file, bytes, 0, length, offset) < length)
      throw new Damage('it is truncated');
    return bytes;
  }
}

function readTree(bytes: Buffer, offset: number): Tree {
  if (offset + 48 > bytes.length) throw new Damage('a tree is damaged');
  return {
    depth: bytes.readUInt16LE(offset + 6),
    entries: bytes.readBigUInt64LE(offset + 32),
    root: bytes.readBigUInt64LE(offset + 40),
  };
}
