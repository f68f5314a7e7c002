import type { Position } from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import type { Operation } from '../values/operation.ts';
import type { Path } from '../values/plain.ts';

type SetOperation = Extract<Operation, readonly ['set', ...unknown[]]>;

/** An entry of one operation that sets a value, as most are: as one object, where a log would keep five for each. */
export class SetEntry implements Entry {
  readonly version: number;
  readonly id: string;
  readonly firstId: string;
  readonly previousId: string;
  readonly changed: Entry['changed'];
  readonly #path: Readonly<Path>;
  readonly #value: unknown;

  constructor(
    { version, id, firstId }: Position,
    { previousId, changed }: Pick<Entry, 'previousId' | 'changed'>,
    [, path, value]: SetOperation,
  ) {
    this.version = version;
    this.id = id;
    this.firstId = firstId;
    this.previousId = previousId;
    this.changed = changed;
    this.#path = path;
    this.#value = value;
  }

  get operations(): readonly Operation[] {
    return [['set', this.#path, this.#value]];
  }
}
