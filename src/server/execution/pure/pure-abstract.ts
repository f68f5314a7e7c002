import { Payload } from '../../../../resolvers/payload.ts';
import type { PureObject } from './pure-object.ts';
import { abandon, absent, type PureOutput } from './pure-output.ts';

/** Payloads of which the types are found out, by a function that looks at nothing else. */
export class PureAbstract implements PureOutput {
  readonly #typeOf: (payload: object) => unknown;
  readonly #selections: ReadonlyMap<unknown, PureObject>;
  readonly #isNullable: boolean;

  /** The selections by the names of their types. */
  constructor(
    typeOf: (payload: object) => unknown,
    selections: ReadonlyMap<string, PureObject>,
    isNullable: boolean,
  ) {
    this.#typeOf = typeOf;
    this.#selections = selections;
    this.#isNullable = isNullable;
  }

  enter(value: unknown, before: unknown): unknown {
    if (!(value instanceof Payload)) return absent(value, this.#isNullable);
    const selection = this.#selections.get(this.#typeOf(value));
    return selection ? selection.enter(value, before) : abandon();
  }

  inside(value: unknown): unknown {
    return this.enter(value, undefined);
  }
}
