import type { StateDefinition } from '../state/definitions.ts';
import type { StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';

/** A token, as far as its states are looked through for such. */
export interface DependentsRoom {
  readonly snapshot: TokenSnapshot;
  initial(definition: StateDefinition): Promise<StateSnapshot>;
}

/**
 * Which states a commit must look at beside those it wrote: their computed vars
 * read other states, or run at every commit.
 */
export class Dependents {
  readonly #computing: readonly StateDefinition[];
  readonly #stored = new WeakMap<StateSnapshot, boolean>();
  /**
   * Whether a state that was never written is one of them. It follows from its
   * defaults, so that one token stands for all; where it does not, one that
   * depends on others is enough.
   */
  readonly #initial = new Map<StateDefinition, boolean>();

  constructor(definitions: ReadonlyMap<string, StateDefinition>) {
    this.#computing = [...definitions.values()].filter(({ computed }) => computed.size > 0);
  }

  /** Whether any state has computed vars. */
  get exist(): boolean {
    return this.#computing.length > 0;
  }

  /** Takes note of the first evaluation of a state. */
  learn(definition: StateDefinition, initial: StateSnapshot): void {
    const known = this.#initial.get(definition) ?? false;
    this.#initial.set(definition, known || dependsOnOthers(definition, initial));
  }

  /** At once, but for the first token with such a state. */
  in(room: DependentsRoom): StateDefinition[] | Promise<StateDefinition[]> {
    const { states } = room.snapshot;
    const unknown = this.#computing.filter(
      (state) => !states[state.name] && !this.#initial.has(state),
    );
    if (unknown.length === 0) return this.#known(states);
    // A default that throws is told to whoever asks for that state; it is not this commit's affair.
    return Promise.allSettled(unknown.map((definition) => room.initial(definition))).then(() =>
      this.#known(states),
    );
  }

  #known(states: TokenSnapshot['states']): StateDefinition[] {
    return this.#computing.filter((definition) => {
      const stored = states[definition.name];
      return stored ? this.#isStored(definition, stored) : (this.#initial.get(definition) ?? false);
    });
  }

  #isStored(definition: StateDefinition, state: StateSnapshot): boolean {
    const known = this.#stored.get(state) ?? dependsOnOthers(definition, state);
    this.#stored.set(state, known);
    return known;
  }
}

/** Whether a commit that does not touch the state may change a computed var of it. */
export function dependsOnOthers(
  { name, computed }: StateDefinition,
  state: StateSnapshot,
): boolean {
  if ([...computed.values()].some(({ cached }) => !cached)) return true;
  return Object.values(state.computed).some(
    ({ reads }) => !reads || Object.keys(reads).some((other) => other !== name),
  );
}
