import { inspectable } from '../inspectable.ts';
import { CollectionHandler } from './collection-handler.ts';

/** What a view of a Set reads and writes. Its members are what readers get. */
export interface SetSource {
  current(): ReadonlySet<unknown>;
  /** The member that a value stands for. */
  member(value: unknown): unknown;
  add(value: unknown): void;
  delete(value: unknown): boolean;
  clear(): void;
}

/** A Set whose every use goes through its source, see {@link createMapView}. */
export function createSetView(source: SetSource): Set<unknown> {
  const methods = new SetMethods(source);
  const view = new Proxy(target, new CollectionHandler(Set, methods));
  methods.self = view;
  return view;
}

type SetAlgebra = Record<string, (other: unknown) => unknown>;

/** Of every view: their traps never look at it. */
const target = inspectable(new Set<unknown>());

class SetMethods {
  self: Set<unknown> | null = null;
  readonly #source: SetSource;

  constructor(source: SetSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.current().size;
  }

  has(value: unknown): boolean {
    return this.#source.current().has(this.#source.member(value));
  }

  add(value: unknown): unknown {
    this.#source.add(value);
    return this.self;
  }

  delete(value: unknown): boolean {
    return this.#source.delete(value);
  }

  clear(): void {
    this.#source.clear();
  }

  forEach(callback: (value: unknown, key: unknown, set: unknown) => void, that?: unknown): void {
    for (const member of this.values()) callback.call(that, member, member, this.self);
  }

  keys(): Generator<unknown> {
    return this.values();
  }

  *values(): Generator<unknown> {
    for (const member of this.#source.current()) {
      yield member;
      // It may have been released meanwhile.
      this.#source.current();
    }
  }

  *entries(): Generator<[unknown, unknown]> {
    for (const member of this.values()) yield [member, member];
  }

  [Symbol.iterator](): Generator<unknown> {
    return this.values();
  }

  // Node 22 has these; they make new sets and change nothing.
  union = this.#algebra('union');
  intersection = this.#algebra('intersection');
  difference = this.#algebra('difference');
  symmetricDifference = this.#algebra('symmetricDifference');
  isSubsetOf = this.#algebra('isSubsetOf');
  isSupersetOf = this.#algebra('isSupersetOf');
  isDisjointFrom = this.#algebra('isDisjointFrom');

  #algebra(name: string) {
    return (other: unknown): unknown => {
      const members = new Set(this.#source.current()) as unknown as SetAlgebra;
      return members[name]?.(other);
    };
  }
}
