/**
 * The traps of a view of a Map or a Set: its methods are those of `methods`. One
 * that a newer version of Node adds is refused, never run on the empty target.
 */
export class CollectionHandler<Collection extends object> implements ProxyHandler<Collection> {
  readonly #collection: { readonly name: string; readonly prototype: object };
  readonly #methods: object;

  constructor(collection: { readonly name: string; readonly prototype: object }, methods: object) {
    this.#collection = collection;
    this.#methods = methods;
  }

  get(_target: Collection, key: PropertyKey): unknown {
    const { prototype, name } = this.#collection;
    if (key === 'constructor') return this.#collection;
    if (!(key in prototype)) return undefined;
    if (key in Object.prototype || key === Symbol.toStringTag) return Reflect.get(prototype, key);
    if (!(key in this.#methods)) {
      throw new TypeError(`Expected a method that a ${name} in a state has, got ${String(key)}.`);
    }
    const member: unknown = Reflect.get(this.#methods, key);
    return typeof member === 'function' ? member.bind(this.#methods) : member;
  }

  set(_target: Collection, key: PropertyKey): never {
    const { name } = this.#collection;
    throw new TypeError(`Expected a ${name} without properties, got ${String(key)}.`);
  }

  defineProperty(target: Collection, key: PropertyKey): never {
    return this.set(target, key);
  }
}
