import type { DeltaMessage, Patch } from './patch.ts';

/** A patch as its JSON text; what is made of it as an object is the patch. */
class WrittenPatch {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toJSON(): Patch {
    return JSON.parse(this.#text) as Patch;
  }
}

/**
 * A {@link DeltaMessage} that is text already: whoever knows it sends `text`. Others get the
 * same from `JSON.stringify`, also of a copy of its fields.
 */
export class WrittenDelta {
  readonly delta: readonly [number: number, patch: WrittenPatch];
  readonly #patch: string;

  constructor(number: number, patch: string) {
    this.delta = [number, new WrittenPatch(patch)];
    this.#patch = patch;
  }

  get text(): string {
    return `{"delta":[${this.delta[0]},${this.#patch}]}`;
  }
}
