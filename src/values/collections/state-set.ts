import { ImmutableStateError } from '../../errors/index.ts';

/** A Set as it is stored: a real Set that refuses to be changed, since freezing one does not stop `add`. */
export class StateSet extends Set<unknown> {
  static of(members: Iterable<unknown>): StateSet {
    const set = new StateSet();
    for (const member of members) Set.prototype.add.call(set, member);
    return set;
  }

  override add(): never {
    throw new ImmutableStateError('call add() on a Set');
  }

  override delete(): never {
    throw new ImmutableStateError('call delete() on a Set');
  }

  override clear(): never {
    throw new ImmutableStateError('call clear() on a Set');
  }
}

// Test libraries compare collections by their constructor.
Object.defineProperty(StateSet.prototype, 'constructor', { value: Set });
