import { Payload } from '../../../../resolvers/payload.ts';
import { isObject } from '../../../values/plain.ts';
import { isSettled } from '../../../values/settle.ts';
import { noteOrigin, originOf } from './origins.ts';
import { abandon, absent, type PureOutput } from './pure-output.ts';

export interface PureField {
  readonly key: string;
  readonly read: (source: object) => unknown;
  readonly output: PureOutput;
  /** Whether it is a scalar or an enum: nothing of it is reused. */
  readonly isLeaf: boolean;
}

type Result = Record<string, unknown>;

/** Objects of one type with a selection in which every field is pure. */
export class PureObject {
  readonly #fields: readonly PureField[];
  readonly #createResult: () => Result;

  constructor(fields: readonly PureField[], createResult: () => Result) {
    this.#fields = fields;
    this.#createResult = createResult;
  }

  enter(source: object, before: unknown): object {
    if (source instanceof Payload) return this.#ofPayload(source, before as Result | undefined);
    if (!isSettled(source)) return abandon();
    const from = originOf(before, this);
    if (from === source) return before as object;
    const result = this.inside(source, from ? (before as Result) : undefined, from);
    noteOrigin(result, { maker: this, source });
    return result;
  }

  inside(source: object, before: object | undefined, from: object | undefined): object {
    const result = this.#createResult();
    const fields = this.#fields;
    for (let at = 0; at < fields.length; at += 1) {
      const { key, read, output, isLeaf } = fields[at] as PureField;
      const value = read(source);
      result[key] =
        isLeaf || !before || !from
          ? output.inside(value, undefined, undefined)
          : output.inside(value, (before as Result)[key], read(from));
    }
    return result;
  }

  #ofPayload(source: object, before: Result | null | undefined): object {
    const result = this.#createResult();
    const fields = this.#fields;
    for (let at = 0; at < fields.length; at += 1) {
      const { key, read, output } = fields[at] as PureField;
      result[key] = output.enter(read(source), before?.[key]);
    }
    return result;
  }
}

/** A field that gives such an object. */
export class PureObjectOutput implements PureOutput {
  readonly #object: PureObject;
  readonly #isNullable: boolean;

  constructor(object: PureObject, isNullable: boolean) {
    this.#object = object;
    this.#isNullable = isNullable;
  }

  enter(value: unknown, before: unknown): unknown {
    if (isObject(value)) return this.#object.enter(value, before);
    return absent(value, this.#isNullable);
  }

  inside(value: unknown, before: unknown, from: unknown): unknown {
    if (!isObject(value)) return this.enter(value, undefined);
    if (value === from) return before;
    const hasBefore = isObject(before) && isObject(from);
    return this.#object.inside(value, hasBefore ? before : undefined, hasBefore ? from : undefined);
  }
}
