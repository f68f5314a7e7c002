import { isThenable } from '../../../time/at-once.ts';
import { abandon, absent, type PureOutput } from './pure-output.ts';

/** A scalar or an enum. Its `serialize` is taken to depend on the value alone. */
export class PureLeaf implements PureOutput {
  readonly #serialize: (value: unknown) => unknown;
  readonly #isNullable: boolean;

  constructor(serialize: (value: unknown) => unknown, isNullable: boolean) {
    this.#serialize = serialize;
    this.#isNullable = isNullable;
  }

  enter(value: unknown): unknown {
    if (value === null || value === undefined) return absent(value, this.#isNullable);
    const serialized = this.#serialize(value);
    switch (typeof serialized) {
      case 'string':
      case 'number':
      case 'boolean':
        return serialized;
      default:
        return isPlainResult(serialized) ? serialized : abandon();
    }
  }

  inside(value: unknown): unknown {
    return this.enter(value);
  }
}

function isPlainResult(value: unknown): boolean {
  return value !== null && value !== undefined && !isThenable(value);
}
