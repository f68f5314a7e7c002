import type { DraftScope } from './draft-scope.ts';
import {
  isForbiddenKey,
  isObject,
  isPlainObject,
  listMutators,
  type Path,
  type PlainObject,
} from './plain.ts';
import { peel } from './read-only.ts';
import { isSettled, settle, settleList, settleRecord } from './settle.ts';

type Container = unknown[] | PlainObject;

const listSearches = new Set<PropertyKey>(['includes', 'indexOf', 'lastIndexOf']);

const nodes = new WeakMap<object, DraftNode>();

/**
 * A writable view of one list or object of a snapshot: copy-on-write, one per
 * place in the state, usable until its scope ends, also across flushes.
 *
 * Our own, and not a library's, for three things none of them does: a child
 * stays usable after a flush, any use after the lock names its reason, and
 * list methods do not make a draft of each row they move. `test/values` holds
 * it against mutative as the oracle.
 */
export class DraftNode implements ProxyHandler<Container> {
  readonly proxy: object;
  readonly #scope: DraftScope;
  /** Who must know of a change in here: the places this draft was read from or put into. */
  readonly #parents = new Set<DraftNode>();
  #base: Container;
  /** What this lock wrote; holds drafts in place of children that were read. */
  #copy: Container | null = null;
  /** Children read from an unchanged base, so that reading a list copies nothing. */
  #children: Map<PropertyKey, object> | null = null;
  /** The last snapshot made of this node; stale while dirty. */
  #snapshot: object | null;
  #dirty: boolean;
  #written = false;

  constructor(scope: DraftScope, base: Container, parent: DraftNode | null) {
    this.#scope = scope;
    this.#base = base;
    // An object that the handler made itself is its own copy until the commit.
    const own = !isSettled(base) && !Object.isFrozen(base);
    if (own) this.#copy = base;
    this.#dirty = !isSettled(base);
    this.#snapshot = this.#dirty ? null : base;
    if (parent) this.#parents.add(parent);
    // The target only answers Array.isArray and the invariants of `length`.
    this.proxy = new Proxy<Container>(Array.isArray(base) ? [] : {}, this);
    nodes.set(this.proxy, this);
  }

  /** Whether anything in here was ever written. */
  get written(): boolean {
    return this.#written;
  }

  /** The committed value this draft started from: read it where a handler only reads, it costs nothing. */
  get base(): Container {
    return this.#base;
  }

  get(_target: Container, key: PropertyKey): unknown {
    this.#scope.assertReadable();
    const source = this.#copy ?? this.#base;
    if (Array.isArray(source)) {
      if (listMutators.has(key)) return this.#listMutator(key as 'push');
      if (listSearches.has(key)) return this.#listSearch(key as 'indexOf');
    }
    const value = (source as PlainObject)[key as string];
    if (!isObject(value) || !Object.hasOwn(source, key)) return value;
    return this.#child(key, value);
  }

  set(_target: Container, key: PropertyKey, value: unknown): boolean {
    this.#scope.assertWritable();
    if (typeof key === 'symbol' || isForbiddenKey(key as string)) {
      throw new TypeError(`Expected a storable key, got ${String(key)}.`);
    }
    const source = this.#copy ?? this.#base;
    const next = peel(value);
    const current = this.#children?.get(key) ?? (source as PlainObject)[key as string];
    if (Object.is(current, next) && Object.hasOwn(source, key)) return true;
    this.#take(next);
    return Reflect.set(this.#write(), key, next);
  }

  deleteProperty(_target: Container, key: PropertyKey): boolean {
    this.#scope.assertWritable();
    return Object.hasOwn(this.#copy ?? this.#base, key)
      ? Reflect.deleteProperty(this.#write(), key)
      : true;
  }

  has(_target: Container, key: PropertyKey): boolean {
    this.#scope.assertReadable();
    return Reflect.has(this.#copy ?? this.#base, key);
  }

  ownKeys(): (string | symbol)[] {
    this.#scope.assertReadable();
    return Reflect.ownKeys(this.#copy ?? this.#base);
  }

  getOwnPropertyDescriptor(target: Container, key: PropertyKey): PropertyDescriptor | undefined {
    this.#scope.assertReadable();
    const own = Reflect.getOwnPropertyDescriptor(this.#copy ?? this.#base, key);
    if (!own) return undefined;
    const isLength = Array.isArray(target) && key === 'length';
    return {
      value: this.get(target, key),
      writable: true,
      enumerable: own.enumerable ?? true,
      configurable: !isLength,
    };
  }

  getPrototypeOf(): object | null {
    this.#scope.assertReadable();
    return Object.getPrototypeOf(this.#base);
  }

  defineProperty(): never {
    this.#scope.assertWritable();
    throw new TypeError('Expected an assignment, got Object.defineProperty on a draft.');
  }

  setPrototypeOf(): never {
    throw new TypeError('Expected a plain value, got Object.setPrototypeOf on a draft.');
  }

  preventExtensions(): never {
    throw new TypeError('Expected a writable draft, got Object.freeze or the like on it.');
  }

  /**
   * The value as it stands, settled. What did not change since the last
   * snapshot is the same object again, so its cost follows what was touched.
   *
   * @throws {@link ValueNotStorableError}
   */
  snapshot(path: Path): object {
    if (!this.#dirty && this.#snapshot) return this.#snapshot;
    this.#detach();
    const source = this.#copy ?? this.#base;
    const settleChild = (child: unknown, key: string | number) =>
      this.#settleChild(String(key), child, path);
    this.#snapshot = Array.isArray(source)
      ? settleList(source, path, settleChild)
      : settleRecord(source, path, settleChild);
    this.#dirty = false;
    return this.#snapshot;
  }

  /** The same for a look in between, which leaves everything as it is. Costs a copy of what was written. */
  peek(path: Path): object {
    if (!this.#dirty && this.#snapshot) return this.#snapshot;
    const source = this.#copy ?? this.#base;
    const peekChild = (value: unknown, key: string | number) =>
      settle(peel(this.#children?.get(String(key)) ?? value), path, (object, at) => {
        const plain = peel(object) as object;
        const node = nodes.get(this.#scope.adopted.get(plain) ?? plain);
        return node ? node.peek(at) : plain;
      });
    return Array.isArray(source)
      ? settleList(source, path, peekChild)
      : settleRecord(source, path, peekChild);
  }

  /** One var of a state, as it stands, settled; a missing one is null. */
  snapshotOf(key: string, path: Path): unknown {
    const value = ((this.#copy ?? this.#base) as PlainObject)[key];
    return this.#settleChild(key, value ?? null, path);
  }

  #settleChild(key: string, value: unknown, path: Path): unknown {
    const child = peel(this.#children?.get(key) ?? value);
    if (!isObject(child)) return settle(child, path);
    const draft = nodes.get(child) ?? nodes.get(this.#scope.adopted.get(child) ?? child);
    if (draft) return this.#settleDraft(key, draft, child, path);

    let holdsDrafts = false;
    const settled = settle(child, path, (inner, at) => {
      const plain = peel(inner) as object;
      const node = nodes.get(plain) ?? nodes.get(this.#scope.adopted.get(plain) ?? plain);
      if (!node) return plain;
      holdsDrafts = true;
      return node.snapshot(at);
    });
    // Drafts inside (a filtered list, say) stay alive: their place becomes a draft too.
    if (holdsDrafts && (Array.isArray(child) || isPlainObject(child))) {
      return this.#settleDraft(key, new DraftNode(this.#scope, child, this), child, path);
    }
    if (this.#copy) (this.#copy as PlainObject)[key] = settled;
    return settled;
  }

  #settleDraft(key: string, draft: DraftNode, child: object, path: Path): object {
    draft.#scope.assertReadable();
    draft.#parents.add(this);
    const settled = draft.snapshot(path);
    if (draft.proxy !== child) {
      this.#scope.adopted.delete(child);
      if (this.#copy) (this.#copy as PlainObject)[key] = draft.proxy;
    }
    return settled;
  }

  #child(key: PropertyKey, value: object): unknown {
    if (value instanceof Date || nodes.has(value)) return value;
    const plain = peel(value);
    if (!Array.isArray(plain) && !isPlainObject(plain)) return plain;
    if (!isSettled(plain)) return this.#adoptedChild(plain);
    const known = this.#children?.get(key);
    if (known) return known;
    const proxy = new DraftNode(this.#scope, plain, this).proxy;
    if (this.#copy) {
      (this.#copy as PlainObject)[key as string] = proxy;
    } else {
      this.#children ??= new Map();
      // Keys of a list reach the traps as strings; one spelling serves both.
      this.#children.set(key, proxy);
    }
    return proxy;
  }

  /** An object the handler made: one proxy per identity, since the handler may hold the object itself. */
  #adoptedChild(plain: Container): object {
    const known = this.#scope.adopted.get(plain);
    if (known) {
      this.#take(known);
      return known;
    }
    const proxy = new DraftNode(this.#scope, plain, this).proxy;
    this.#scope.adopted.set(plain, proxy);
    return proxy;
  }

  #write(): Container {
    this.#markDirty();
    if (this.#copy) return this.#copy;
    const copy = shallowCopy(this.#base);
    for (const [key, child] of this.#children ?? []) (copy as PlainObject)[key as string] = child;
    this.#children = null;
    this.#copy = copy;
    return copy;
  }

  /** From here on the handler's own object and this draft go separate ways. */
  #detach(): void {
    if (this.#copy === this.#base) this.#copy = shallowCopy(this.#base);
  }

  #markDirty(): void {
    this.#written = true;
    if (this.#dirty) return;
    this.#dirty = true;
    for (const parent of this.#parents) parent.#markDirty();
  }

  /** A draft put in here reports its changes here too. */
  #take(value: unknown): void {
    const node = isObject(value) ? nodes.get(value) : undefined;
    if (node) node.#parents.add(this);
  }

  // They run on the copy itself: through the traps each moved row would become a draft.
  #listMutator(name: 'push'): (...args: unknown[]) => unknown {
    return (...args) => {
      this.#scope.assertWritable();
      const values = args.map(peel);
      for (const value of values) this.#take(value);
      const result: unknown = (this.#write() as unknown[])[name](...values);
      if (result === this.#copy) return this.proxy;
      if (name === ('splice' as string)) {
        return (result as unknown[]).map((row) => this.#removed(row));
      }
      return this.#removed(result);
    };
  }

  /** The list gives drafts of the objects that the handler put in; it may look for the objects. */
  #listSearch(name: 'indexOf'): (...args: unknown[]) => unknown {
    return (needle, ...rest) => {
      const plain = peel(needle);
      const known = isObject(plain) ? this.#scope.adopted.get(plain) : undefined;
      const own = known ?? (this.#isOwn(plain) ? this.#adoptedChild(plain) : plain);
      return (Array.prototype[name] as (...args: unknown[]) => unknown).call(
        this.proxy,
        own,
        ...rest,
      );
    };
  }

  #isOwn(value: unknown): value is Container {
    if (!isObject(value) || nodes.has(value) || isSettled(value)) return false;
    return Array.isArray(value) || isPlainObject(value);
  }

  /** A row taken out of the list stays a draft: the handler may change it and put it elsewhere. */
  #removed(value: unknown): unknown {
    if (!isObject(value) || nodes.has(value) || !isSettled(value) || value instanceof Date) {
      return value;
    }
    return new DraftNode(this.#scope, value as Container, null).proxy;
  }
}

function shallowCopy(value: Container): Container {
  return Array.isArray(value) ? [...value] : { ...value };
}
