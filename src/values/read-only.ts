import { ImmutableStateError } from '../errors/index.ts';
import { createMapView } from './collections/map-view.ts';
import { createSetView } from './collections/set-view.ts';
import { listTarget, recordTarget } from './inspectable.ts';
import { isMap, isObject, isSet, listMutators } from './plain.ts';

const views = new WeakMap<object, object>();
const originals = new WeakMap<object, object>();

/**
 * A view of a settled value on which every way of writing, to the deepest
 * level, throws {@link ImmutableStateError}. (Frozen objects alone would throw
 * a bare TypeError, or nothing in sloppy code.) The same value gives the same
 * view, so `===` works between views.
 */
export function readOnly<T>(value: T): T {
  if (!isObject(value) || value instanceof Date) return value;
  const known = views.get(value);
  if (known) return known as T;
  const view = createView(value);
  views.set(value, view);
  originals.set(view, value);
  return view as T;
}

/** The settled value behind a read-only view; any other value as it is. */
export function peel(value: unknown): unknown {
  return isObject(value) ? (originals.get(value) ?? value) : value;
}

function createView(value: object): object {
  if (isMap(value)) return readOnlyMap(value);
  if (isSet(value)) return readOnlySet(value);
  return new Proxy(Array.isArray(value) ? listTarget : recordTarget, new ReadOnlyHandler(value));
}

function readOnlyMap(map: ReadonlyMap<unknown, unknown>): object {
  return createMapView({
    current: () => map,
    iterable: () => map,
    read: readOnly,
    set: refuse('call set() on a Map'),
    delete: refuse('call delete() on a Map'),
    clear: refuse('call clear() on a Map'),
  });
}

function readOnlySet(set: ReadonlySet<unknown>): object {
  const members = new Set([...set].map(readOnly));
  return createSetView({
    current: () => members,
    member: viewOf,
    add: refuse('call add() on a Set'),
    delete: refuse('call delete() on a Set'),
    clear: refuse('call clear() on a Set'),
  });
}

/** The view that readers have of a value, if they have one. */
function viewOf(value: unknown): unknown {
  const plain = peel(value);
  return (isObject(plain) && views.get(plain)) || plain;
}

function refuse(what: string): () => never {
  return () => {
    throw new ImmutableStateError(what);
  };
}

class ReadOnlyHandler implements ProxyHandler<object> {
  readonly #value: object;

  constructor(value: object) {
    this.#value = value;
  }

  get(_target: object, key: PropertyKey): unknown {
    if (listMutators.has(key) && Array.isArray(this.#value)) {
      return () => {
        throw new ImmutableStateError(`call ${String(key)}()`);
      };
    }
    const value = Reflect.get(this.#value, key);
    return Object.hasOwn(this.#value, key) ? readOnly(value) : value;
  }

  has(_target: object, key: PropertyKey): boolean {
    return Reflect.has(this.#value, key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#value);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const own = Reflect.getOwnPropertyDescriptor(this.#value, key);
    if (!own) return undefined;
    const isLength = Array.isArray(target) && key === 'length';
    return { ...own, value: readOnly(own.value), writable: isLength, configurable: !isLength };
  }

  getPrototypeOf(): object | null {
    return Object.getPrototypeOf(this.#value);
  }

  set(_target: object, key: PropertyKey): never {
    throw new ImmutableStateError(`set "${String(key)}"`);
  }

  deleteProperty(_target: object, key: PropertyKey): never {
    throw new ImmutableStateError(`delete "${String(key)}"`);
  }

  defineProperty(_target: object, key: PropertyKey): never {
    throw new ImmutableStateError(`define "${String(key)}"`);
  }

  setPrototypeOf(): never {
    throw new ImmutableStateError('set the prototype');
  }

  preventExtensions(): never {
    throw new ImmutableStateError('freeze');
  }
}
