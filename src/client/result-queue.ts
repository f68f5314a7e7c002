interface Reader<Item> {
  resolve(result: IteratorResult<Item>): void;
  reject(error: unknown): void;
}

/** What was put in, as an async iterator. It ends when it was ended and is empty. */
export class ResultQueue<Item> implements AsyncIterableIterator<Item> {
  readonly #items: Item[] = [];
  readonly #readers: Reader<Item>[] = [];
  readonly #onLeave: () => void;
  #end: { readonly error?: unknown } | null = null;

  /** @param onLeave called once, when its reader leaves before the end. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get length(): number {
    return this.#items.length;
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  put(item: Item): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#serve();
  }

  /** Without an error the reader's loop just ends. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    this.#serve();
  }

  next(): Promise<IteratorResult<Item>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<Item>> {
    this.#items.length = 0;
    if (!this.#end) this.#onLeave();
    // Who has left is not told of errors any more.
    this.#end = {};
    this.#serve();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    while (this.#readers.length > 0 && (this.#items.length > 0 || this.#end)) {
      const { resolve, reject } = this.#readers.shift() as Reader<Item>;
      if (this.#items.length > 0) resolve({ done: false, value: this.#items.shift() as Item });
      else if (this.#end && 'error' in this.#end) {
        reject(this.#end.error);
        // Told once, as by a generator.
        this.#end = {};
      } else resolve({ done: true, value: undefined });
    }
  }
}
