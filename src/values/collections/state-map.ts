import { ImmutableStateError } from '../../errors/index.ts';

/** A Map as it is stored: a real Map that refuses to be changed, since freezing one does not stop `set`. */
export class StateMap extends Map<unknown, unknown> {
  static of(entries: Iterable<readonly [unknown, unknown]>): StateMap {
    const map = new StateMap();
    for (const [key, value] of entries) Map.prototype.set.call(map, key, value);
    return map;
  }

  override set(): never {
    throw new ImmutableStateError('call set() on a Map');
  }

  override delete(): never {
    throw new ImmutableStateError('call delete() on a Map');
  }

  override clear(): never {
    throw new ImmutableStateError('call clear() on a Map');
  }
}

// Test libraries compare collections by their constructor.
Object.defineProperty(StateMap.prototype, 'constructor', { value: Map });
