import { inspectable } from '../inspectable.ts';
import { CollectionHandler } from './collection-handler.ts';

/** What a view of a Map reads and writes. */
export interface MapSource {
  /** The Map as it is, to look things up in. */
  current(): ReadonlyMap<unknown, unknown>;
  /** The same to iterate over: it stays the Map that is written while an iteration goes on. */
  iterable(): ReadonlyMap<unknown, unknown>;
  /** What a reader gets for a value of the Map. */
  read(value: unknown, key: unknown): unknown;
  set(key: unknown, value: unknown): void;
  delete(key: unknown): boolean;
  clear(): void;
}

/**
 * A Map whose every use goes through its source. A proxy, so that what reads a
 * Map's insides (`structuredClone`, `Map.prototype.get.call`) fails instead of
 * finding an empty one.
 */
export function createMapView(source: MapSource): Map<unknown, unknown> {
  const methods = new MapMethods(source);
  const view = new Proxy(target, new CollectionHandler(Map, methods));
  methods.self = view;
  return view;
}

/** Of every view: their traps never look at it. */
const target = inspectable(new Map<unknown, unknown>());

class MapMethods {
  self: Map<unknown, unknown> | null = null;
  readonly #source: MapSource;

  constructor(source: MapSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.current().size;
  }

  get(key: unknown): unknown {
    const map = this.#source.current();
    return map.has(key) ? this.#source.read(map.get(key), key) : undefined;
  }

  has(key: unknown): boolean {
    return this.#source.current().has(key);
  }

  set(key: unknown, value: unknown): unknown {
    this.#source.set(key, value);
    return this.self;
  }

  delete(key: unknown): boolean {
    return this.#source.delete(key);
  }

  clear(): void {
    this.#source.clear();
  }

  getOrInsert(key: unknown, value: unknown): unknown {
    if (!this.has(key)) this.#source.set(key, value);
    return this.get(key);
  }

  getOrInsertComputed(key: unknown, compute: (key: unknown) => unknown): unknown {
    if (!this.has(key)) this.#source.set(key, compute(key));
    return this.get(key);
  }

  forEach(callback: (value: unknown, key: unknown, map: unknown) => void, that?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(that, value, key, this.self);
  }

  *keys(): Generator<unknown> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<unknown> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): Generator<[unknown, unknown]> {
    for (const [key, value] of this.#source.iterable()) {
      yield [key, this.#source.read(value, key)];
    }
  }

  [Symbol.iterator](): Generator<[unknown, unknown]> {
    return this.entries();
  }
}
