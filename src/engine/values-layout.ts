import type { StateDefinition } from '../state/definitions.ts';
import type { Path } from '../values/plain.ts';

/** What the values of a state have in common in every commit. */
export class ValuesLayout {
  /** Where the vars stand: the log keeps the paths for a while, so they are the same each time. */
  readonly allPath: Readonly<Path>;
  readonly #paths = new Map<string, Readonly<Path>>();
  readonly #Values: new () => Record<string, unknown>;

  constructor({ name }: StateDefinition) {
    this.allPath = Object.freeze([name, 'values']);
    // Of a constructor's first objects V8 learns how much room they need. A literal has room for four vars.
    const Values = function Values() {};
    Values.prototype = Object.prototype;
    this.#Values = Values as unknown as new () => Record<string, unknown>;
  }

  static of(definition: StateDefinition): ValuesLayout {
    let layout = layouts.get(definition);
    if (!layout) {
      layout = new ValuesLayout(definition);
      layouts.set(definition, layout);
    }
    return layout;
  }

  /** Values without vars. */
  create(): Record<string, unknown> {
    return new this.#Values();
  }

  pathOf(name: string): Readonly<Path> {
    let path = this.#paths.get(name);
    if (!path) {
      path = Object.freeze([...this.allPath, name]);
      this.#paths.set(name, path);
    }
    return path;
  }
}

const layouts = new WeakMap<StateDefinition, ValuesLayout>();
