import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Something that an attempt at a task has come to. */
interface Note {
  readonly what: 'begun' | 'step' | 'left';
  readonly task: string;
  readonly attempt: number;
  /** Of a step. */
  readonly step?: number;
  /** Of one that has left: the code of the error by which it did; null for none. */
  readonly code?: string | null;
}

export interface Entry extends Note {
  readonly node: string;
  /** In ms since 1970. */
  readonly at: number;
}

/** What the nodes of a test write down of what they do, in one file: it outlives each of them. */
export class Journal {
  readonly #path: string;
  readonly #node: string;
  /** What was there when it was read last: it only grows. */
  #read: { readonly size: number; readonly entries: readonly Entry[] } = { size: 0, entries: [] };

  constructor(folder: string, node = 'test') {
    this.#path = join(folder, 'journal');
    this.#node = node;
  }

  note(note: Note): void {
    const entry: Entry = { ...note, node: this.#node, at: Date.now() };
    // As one write, so that it is there whole, or not.
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  get entries(): readonly Entry[] {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > this.#read.size) {
      const text = readFileSync(this.#path, 'utf8');
      const lines = text.split('\n').slice(0, -1);
      this.#read = {
        size: Buffer.byteLength(text),
        entries: lines.map((line) => JSON.parse(line)),
      };
    }
    return this.#read.entries;
  }

  of(what: Note['what'], task?: string): Entry[] {
    const isWanted = (entry: Entry) => task === undefined || entry.task === task;
    return this.entries.filter((entry) => entry.what === what && isWanted(entry));
  }
}
