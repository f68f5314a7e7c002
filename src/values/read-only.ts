import { ImmutableStateError } from '../errors/index.ts';
import { isObject, listMutators } from './plain.ts';

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
  const view = new Proxy(Array.isArray(value) ? [] : {}, new ReadOnlyHandler(value));
  views.set(value, view);
  originals.set(view, value);
  return view as T;
}

/** The settled value behind a read-only view; any other value as it is. */
export function peel(value: unknown): unknown {
  return isObject(value) ? (originals.get(value) ?? value) : value;
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
