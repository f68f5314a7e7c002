import { createMapView, type MapSource } from '../collections/map-view.ts';
import { isObject, type Path } from '../plain.ts';
import { peel } from '../read-only.ts';
import { isSettled, settleMap } from '../settle.ts';
import { DraftNode } from './draft-node.ts';
import type { DraftOwner, DraftScope } from './draft-scope.ts';

/** The draft of a Map. Its values may be drafts, its keys never are. */
export class MapDraft extends DraftNode implements MapSource {
  readonly proxy: object;
  readonly #base: ReadonlyMap<unknown, unknown>;
  /** What is written; also made when an object is read, to hold its draft. */
  #copy: Map<unknown, unknown> | null = null;

  constructor(scope: DraftScope, base: Map<unknown, unknown>, owner: DraftOwner | null) {
    super(scope, base, owner);
    this.#base = base;
    // A Map that the handler made itself is its own copy until the commit.
    if (!isSettled(base)) this.#copy = base;
    this.proxy = createMapView(this);
    this.register(this.proxy);
  }

  current(): ReadonlyMap<unknown, unknown> {
    this.scope.assertReadable();
    return this.#copy ?? this.#base;
  }

  iterable(): ReadonlyMap<unknown, unknown> {
    this.scope.assertReadable();
    return this.#own();
  }

  read(value: unknown, key: unknown): unknown {
    this.scope.assertReadable();
    if (!isObject(value)) return value;
    return this.child(value, (draft) => this.#own().set(key, draft));
  }

  set(key: unknown, value: unknown): void {
    this.scope.assertWritable();
    const next = peel(value);
    const current = this.current();
    if (current.has(key) && Object.is(current.get(key), next)) return;
    this.markDirty();
    this.#own().set(key, next);
  }

  delete(key: unknown): boolean {
    this.scope.assertWritable();
    if (!this.current().has(key)) return false;
    this.markDirty();
    return this.#own().delete(key);
  }

  clear(): void {
    this.scope.assertWritable();
    if (this.current().size === 0) return;
    this.markDirty();
    this.#own().clear();
  }

  protected settleParts(path: Path): object {
    // From here on the handler's own Map and this draft go separate ways.
    if (this.#copy === this.#base) this.#copy = new Map(this.#base);
    return settleMap(this.#copy ?? this.#base, path, (value, key) =>
      this.settlePart(value, path, (kept) => this.#copy?.set(key, kept)),
    );
  }

  protected peekParts(path: Path): object {
    return settleMap(this.#copy ?? this.#base, path, (value) => this.peekPart(value, path));
  }

  #own(): Map<unknown, unknown> {
    this.#copy ??= new Map(this.#base);
    return this.#copy;
  }
}
