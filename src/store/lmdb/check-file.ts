import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isAt } from './codec.ts';

/**
 * Why a data file of LMDB, which nobody writes, is damaged; or null. LMDB maps the
 * file into memory and trusts it: a file that is too short, or garbage in a page,
 * ends the process, and a wrong list of free pages overwrites what is in use. So
 * this reads it first: that each page is in use once, or free; that keys are in
 * order; that each record is at the key that it was written at. Values have
 * checksums of their own, and are not looked at.
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
/** How much of a value says where it was written. */
const valueHeadBytes = 16;

/** Bits of a page's flags. */
const branchPage = 1;
const leafPage = 2;
const overflowPage = 4;
const metaPage = 8;

/** Flags of a node: it holds its value, a reference to it, or the record of a tree. */
const inlineValue = 0;
const largeValue = 1;
const subTree = 2;

/** One B-tree of the file: how a record of it looks in a meta page and in a leaf. */
interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly entries: bigint;
  readonly root: bigint;
}

interface Meta {
  readonly pageBytes: number;
  readonly freePages: Tree;
  readonly tables: Tree;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** Between which keys those of a page are; null where there is no bound. */
interface Bounds {
  readonly low: Buffer | null;
  readonly high: Buffer | null;
}

/** What a tree holds: numbers of free pages, the records of other trees, or our own records. */
type Content = 'free pages' | 'tables' | 'records';

class FileCheck {
  readonly #file: number;
  readonly #fileBytes: number;
  readonly #meta: Meta;
  readonly #pages: PageAccount;
  readonly #tables: Tree[] = [];
  #content: Content = 'free pages';
  #entries = 0n;

  constructor(file: number) {
    this.#file = file;
    this.#fileBytes = fstatSync(file).size;
    const first = this.#readMeta(0);
    const second = this.#readMeta(first.pageBytes);
    // Each transaction writes the header that the one before it did not write.
    const isSound =
      first.transaction % 2n === 0n &&
      (second.transaction === first.transaction + 1n ||
        second.transaction === first.transaction - 1n ||
        (first.transaction === 0n && second.transaction === 0n));
    if (!isSound) throw new Damage('its header is damaged');
    this.#meta = second.transaction > first.transaction ? second : first;
    this.#pages = new PageAccount(this.#meta.lastPage);
  }

  run(): void {
    this.#checkTree(this.#meta.freePages, 'free pages');
    this.#checkTree(this.#meta.tables, 'tables');
    for (const table of this.#tables) this.#checkTree(table, 'records');
    this.#pages.assertComplete();
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
      freePages: readTree(page, 48),
      tables: readTree(page, 96),
      lastPage: Number(page.readBigUInt64LE(144)),
      transaction: page.readBigUInt64LE(152),
    };
  }

  #checkTree({ root, depth, entries }: Tree, content: Content): void {
    this.#content = content;
    this.#entries = 0n;
    if (root !== noPage) this.#checkPage(Number(root), depth, { low: null, high: null });
    if (this.#entries !== entries) throw new Damage('records are missing');
  }

  /** A page and all below it, whose keys are from `low` on and before `high`. */
  #checkPage(number: number, depth: number, { low, high }: Bounds): void {
    const nodes = this.#nodesOf(number, depth);
    for (const [index, node] of nodes.entries()) {
      const next = nodes[index + 1]?.key ?? high;
      // The first key of a branch is not there.
      const from = depth > 1 && index === 0 ? low : node.key;
      if (!this.#isInOrder(low, from) || !this.#isBefore(from, next)) {
        throw new Damage(`page ${number} is damaged`);
      }
      if (depth > 1) this.#checkPage(childOf(node.bytes), depth - 1, { low: from, high: next });
      else this.#checkRecord(node.bytes, node.key, number);
    }
  }

  #nodesOf(number: number, depth: number): { readonly bytes: Buffer; readonly key: Buffer }[] {
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
    return Array.from({ length: lower >> 1 }, (_, index) => {
      const offset = page.readUInt16LE(headerBytes + 2 * index) + headerBytes;
      if (offset < headerBytes + lower || offset + 8 > pageBytes) {
        throw new Damage(`page ${number} is damaged`);
      }
      const bytes = page.subarray(offset);
      return { bytes, key: bytes.subarray(8, 8 + bytes.readUInt16LE(6)) };
    });
  }

  /** Numbers of transactions are compared as such, and not looked at; all other keys byte by byte. */
  #isBefore(key: Buffer | null, next: Buffer | null): boolean {
    return this.#content === 'free pages' || !key || !next || key.compare(next) < 0;
  }

  #isInOrder(low: Buffer | null, key: Buffer | null): boolean {
    return this.#content === 'free pages' || !low || !key || low.compare(key) <= 0;
  }

  #checkRecord(node: Buffer, key: Buffer, page: number): void {
    this.#entries += 1n;
    const flags = node.readUInt16LE(4);
    const bytes = node.readUInt16LE(0) + node.readUInt16LE(2) * 0x1_0000;
    const value = node.subarray(8 + key.length);
    const isLarge = flags === largeValue;
    const isTable = flags === subTree && this.#content === 'tables';
    const isKnown = isLarge || isTable || flags === inlineValue;
    if (!isKnown || (isLarge ? headerBytes : bytes) > value.length) {
      throw new Damage(`page ${page} is damaged`);
    }
    if (isTable) this.#addTable(value);
    else if (this.#content === 'free pages') {
      this.#freePages(isLarge ? this.#largeValue(value, bytes, bytes) : value.subarray(0, bytes));
    } else if (this.#content === 'records') {
      const head = isLarge
        ? this.#largeValue(value, bytes, valueHeadBytes)
        : value.subarray(0, bytes);
      if (!isAt(key, head)) throw new Damage(`a record in page ${page} is not where it was`);
    }
  }

  #addTable(record: Buffer): void {
    const table = readTree(record, 0);
    if (table.flags !== 0) throw new Damage('a table is damaged');
    this.#tables.push(table);
  }

  /** So many of the first bytes of a value that has pages of its own. */
  #largeValue(reference: Buffer, bytes: number, wanted: number): Buffer {
    const { pageBytes } = this.#meta;
    const first = Number(reference.readBigUInt64LE(0));
    const count = Number(reference.readBigUInt64LE(16));
    this.#take(first, count);
    const start = first * pageBytes;
    const header = this.#read(start, headerBytes);
    const isSound =
      header.readBigUInt64LE(0) === BigInt(first) &&
      header.readUInt16LE(18) === overflowPage &&
      header.readUInt32LE(20) === count &&
      count * pageBytes >= headerBytes + bytes;
    if (!isSound) throw new Damage(`page ${first} is damaged`);
    return this.#read(start + headerBytes, wanted);
  }

  /** A count, then numbers of pages: 0 is none, and a negative one says how many follow the next. */
  #freePages(value: Buffer): void {
    const end = value.length < 8 ? -1 : 8 + 8 * Number(value.readBigInt64LE(0));
    if (end < 8 || end > value.length) throw new Damage('the list of free pages is damaged');
    for (let at = 8; at < end; at += 8) {
      const number = Number(value.readBigInt64LE(at));
      if (number > 0) this.#pages.take(number, 1);
      if (number >= 0) continue;
      at += 8;
      if (at >= end) throw new Damage('the list of free pages is damaged');
      this.#pages.take(Number(value.readBigInt64LE(at)), -number);
    }
  }

  /** Pages in use are in the file; free ones at its end need not be. */
  #take(first: number, count: number): void {
    if ((first + count) * this.#meta.pageBytes > this.#fileBytes) {
      throw new Damage('it is truncated');
    }
    this.#pages.take(first, count);
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.#file, bytes, 0, length, offset) < length) {
      throw new Damage('it is truncated');
    }
    return bytes;
  }
}

/** Every page after the two headers is in use once, or free. */
class PageAccount {
  readonly #lastPage: number;
  readonly #seen = new Set<number>();

  constructor(lastPage: number) {
    this.#lastPage = lastPage;
  }

  take(first: number, count: number): void {
    if (first < 2 || count < 1 || first + count - 1 > this.#lastPage) {
      throw new Damage(`page ${first} is out of range`);
    }
    for (let page = first; page < first + count; page += 1) {
      if (this.#seen.has(page)) throw new Damage(`page ${page} is in use twice`);
      this.#seen.add(page);
    }
  }

  assertComplete(): void {
    if (this.#seen.size !== Math.max(0, this.#lastPage - 1)) {
      throw new Damage('pages are missing');
    }
  }
}

function readTree(bytes: Buffer, offset: number): Tree {
  if (offset + 48 > bytes.length) throw new Damage('a table is damaged');
  return {
    flags: bytes.readUInt16LE(offset + 4),
    depth: bytes.readUInt16LE(offset + 6),
    entries: bytes.readBigUInt64LE(offset + 32),
    root: bytes.readBigUInt64LE(offset + 40),
  };
}

/** The page that a node of a branch leads to. */
function childOf(node: Buffer): number {
  const low = node.readUInt16LE(0) + node.readUInt16LE(2) * 0x1_0000;
  return low + node.readUInt16LE(4) * 0x1_0000_0000;
}
