import { noteChangedPlaces } from '../diff/changed-range.ts';
import { listTarget, recordTarget } from '../inspectable.ts';
import {
  copyRecord,
  isForbiddenKey,
  isObject,
  listMutators,
  type Path,
  type PlainObject,
} from '../plain.ts';
import { peel } from '../read-only.ts';
import {
  isSettled,
  markSettled,
  settle,
  settleList,
  settleRecord,
  storableKeys,
} from '../settle.ts';
import { DraftNode } from './draft-node.ts';
import type { DraftOwner, DraftScope } from './draft-scope.ts';

type Container = unknown[] | PlainObject;

const listSearches = new Set<PropertyKey>(['includes', 'indexOf', 'lastIndexOf']);

/** The draft of a list or of an object. */
export class ObjectDraft extends DraftNode implements ProxyHandler<Container> {
  readonly #base: Container;
  #proxy: object | null = null;
  /** What this lock wrote; holds drafts in place of children that were read. */
  #copy: Container | null = null;
  /** Children read from an unchanged base, so that reading a list copies nothing. */
  #children: Map<PropertyKey, object> | null = null;

  constructor(scope: DraftScope, base: Container, owner: DraftOwner | null) {
    super(scope, base, owner);
    this.#base = base;
    // An object that the handler made itself is its own copy until the commit.
    if (!isSettled(base) && !Object.isFrozen(base)) this.#copy = base;
  }

  /** Made when somebody gets it: what is behind a state shows itself in another way. */
  get proxy(): object {
    if (!this.#proxy) {
      const target = Array.isArray(this.#base) ? listTarget : recordTarget;
      this.#proxy = new Proxy<Container>(target, this);
      this.register(this.#proxy);
    }
    return this.#proxy;
  }

  get(_target: Container, key: PropertyKey): unknown {
    return this.read(key);
  }

  set(_target: Container, key: PropertyKey, value: unknown): boolean {
    return this.write(key, value);
  }

  read(key: PropertyKey): unknown {
    this.scope.assertReadable();
    const source = this.#copy ?? this.#base;
    if (Array.isArray(source)) {
      if (listMutators.has(key)) return this.#listMutator(key as 'push');
      if (listSearches.has(key)) return this.#listSearch(key as 'indexOf');
    }
    const value = (source as PlainObject)[key as string];
    if (!isObject(value) || !Object.hasOwn(source, key)) return value;
    // Keys of a list reach the traps as strings; one spelling serves both.
    return this.#children?.get(key) ?? this.child(value, (draft) => this.#keepRead(key, draft));
  }

  write(key: PropertyKey, value: unknown): boolean {
    this.scope.assertWritable();
    if (typeof key === 'symbol' || isForbiddenKey(key as string)) {
      throw new TypeError(`Expected a storable key, got ${String(key)}.`);
    }
    const source = this.#copy ?? this.#base;
    const next = peel(value);
    const current = this.#children?.get(key) ?? (source as PlainObject)[key as string];
    if (Object.is(current, next) && Object.hasOwn(source, key)) return true;
    (this.#write() as PlainObject)[key as string] = next;
    return true;
  }

  deleteProperty(_target: Container, key: PropertyKey): boolean {
    this.scope.assertWritable();
    return Object.hasOwn(this.#copy ?? this.#base, key)
      ? Reflect.deleteProperty(this.#write(), key)
      : true;
  }

  has(_target: Container, key: PropertyKey): boolean {
    this.scope.assertReadable();
    return Reflect.has(this.#copy ?? this.#base, key);
  }

  ownKeys(): (string | symbol)[] {
    this.scope.assertReadable();
    return Reflect.ownKeys(this.#copy ?? this.#base);
  }

  getOwnPropertyDescriptor(target: Container, key: PropertyKey): PropertyDescriptor | undefined {
    this.scope.assertReadable();
    const own = Reflect.getOwnPropertyDescriptor(this.#copy ?? this.#base, key);
    if (!own) return undefined;
    const isLength = Array.isArray(target) && key === 'length';
    return {
      value: this.read(key),
      writable: true,
      enumerable: own.enumerable ?? true,
      configurable: !isLength,
    };
  }

  getPrototypeOf(): object | null {
    this.scope.assertReadable();
    return Object.getPrototypeOf(this.#base);
  }

  defineProperty(): never {
    this.scope.assertWritable();
    throw new TypeError('Expected an assignment, got Object.defineProperty on a draft.');
  }

  setPrototypeOf(): never {
    throw new TypeError('Expected a plain value, got Object.setPrototypeOf on a draft.');
  }

  preventExtensions(): never {
    throw new TypeError('Expected a writable draft, got Object.freeze or the like on it.');
  }

  /** One property as it stands, settled; a missing one is null. */
  snapshotOf(key: string, path: Path): unknown {
    const value = ((this.#copy ?? this.#base) as PlainObject)[key] ?? null;
    // It was settled when the state was.
    if (!isObject(value) && value === (this.#base as PlainObject)[key]) return value;
    return this.#settleAt(key, value, path);
  }

  protected settleParts(path: Path): object {
    this.#detach(path);
    // Only parts that were read can have changed: the others are not looked at, however many they are.
    if (!this.#copy) return this.#settleChildren(path);
    const source = this.#copy;
    return Array.isArray(source)
      ? settleList(source, path, (item, index) => this.#settleAt(String(index), item, path))
      : settleRecord(source, { keys: Object.keys(source), path }, (child, key) =>
          this.#settleAt(key, child, path),
        );
  }

  #settleChildren(path: Path): object {
    const base = this.#base;
    const settled = shallowCopy(base);
    const isList = Array.isArray(settled);
    const places: number[] = [];
    for (const [key, child] of this.#children ?? []) {
      const place = isList ? Number(key) : (key as string);
      path.push(place);
      const part = this.settlePart(child, path, () => {});
      path.pop();
      if (part === (base as PlainObject)[place]) continue;
      (settled as PlainObject)[place] = part;
      if (isList) places.push(place as number);
    }
    markSettled(settled);
    if (isList && places.length > 0 && isSettled(base)) {
      noteChangedPlaces(base as unknown[], settled, places);
    }
    return settled;
  }

  protected peekParts(path: Path): object {
    const source = this.#copy ?? this.#base;
    const peekAt = (value: unknown, key: string | number) =>
      this.peekPart(this.#children?.get(String(key)) ?? value, path);
    return Array.isArray(source)
      ? settleList(source, path, peekAt)
      : settleRecord(source, { keys: storableKeys(source, path), path }, peekAt);
  }

  #settleAt(key: string, value: unknown, path: Path): unknown {
    const part = this.#children?.get(key) ?? value;
    if (!isObject(part)) return settle(part, path);
    return this.settlePart(part, path, (kept) => {
      if (this.#copy) (this.#copy as PlainObject)[key] = kept;
    });
  }

  #keepRead(key: PropertyKey, draft: object): void {
    if (this.#copy) {
      (this.#copy as PlainObject)[key as string] = draft;
    } else {
      this.#children ??= new Map();
      this.#children.set(key, draft);
    }
  }

  #write(): Container {
    this.markDirty();
    if (this.#copy) return this.#copy;
    const copy = shallowCopy(this.#base);
    for (const [key, child] of this.#children ?? []) (copy as PlainObject)[key as string] = child;
    this.#children = null;
    this.#copy = copy;
    return copy;
  }

  /** From here on the handler's own object and this draft go separate ways. */
  #detach(path: Path): void {
    if (this.#copy !== this.#base) return;
    // One may have been put in past this draft that would be lost in a copy, or change its prototype.
    if (!Array.isArray(this.#base)) storableKeys(this.#base, path);
    this.#copy = shallowCopy(this.#base);
  }

  // They run on the copy itself: through the traps each moved row would become a draft.
  #listMutator(name: 'push'): (...args: unknown[]) => unknown {
    return (...args) => {
      this.scope.assertWritable();
      const values = args.map(peel);
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
      const known = isObject(plain) ? this.scope.adoptedOf(plain) : undefined;
      const own = known ?? (this.isOwn(plain) ? this.adoptedChild(plain) : plain);
      return (Array.prototype[name] as (...args: unknown[]) => unknown).call(
        this.proxy,
        own,
        ...rest,
      );
    };
  }

  /** A row taken out of the list stays a draft: the handler may change it and put it elsewhere. */
  #removed(value: unknown): unknown {
    return isObject(value) && isSettled(value) && !(value instanceof Date)
      ? this.scope.createDraft(value, null)
      : value;
  }
}

function shallowCopy(value: Container): Container {
  return Array.isArray(value) ? [...value] : copyRecord(value as PlainObject);
}
