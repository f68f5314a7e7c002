import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import type { Evaluation } from '../state/computed/evaluation.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { initialValues } from '../state/initial-state.ts';
import type { StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import { type Dependents, dependsOnOthers } from './dependents.ts';

/** The token whose states they are. */
export interface InitialStatesRoom {
  readonly snapshot: TokenSnapshot;
  committed(definition: StateDefinition): EvaluatedState;
  evaluation(stateOf: (definition: StateDefinition) => EvaluatedState): Evaluation;
}

/**
 * The states of a token as they are before the first commit that changes them:
 * their defaults, and what is computed from these and from other states.
 */
export class InitialStates {
  readonly #room: InitialStatesRoom;
  readonly #dependents: Dependents;
  readonly #values = new Map<StateDefinition, Readonly<Record<string, unknown>>>();
  readonly #states = new Map<StateDefinition, Promise<StateSnapshot> | StateSnapshot>();
  /** The evaluation of states that were never written, as of a snapshot. */
  #shared: { readonly snapshot: TokenSnapshot; readonly evaluation: Evaluation } | null = null;
  /** Those that were evaluated after their first commit. */
  readonly #late = new Set<StateDefinition>();

  constructor(room: InitialStatesRoom, dependents: Dependents) {
    this.#room = room;
    this.#dependents = dependents;
  }

  /** Defaults are made once for each token, so that one like `() => randomUUID()` stays the same. */
  values(definition: StateDefinition): Readonly<Record<string, unknown>> {
    const known = this.#values.get(definition) ?? initialValues(definition);
    this.#values.set(definition, known);
    return known;
  }

  /** The state, if it was evaluated. */
  known(definition: StateDefinition): StateSnapshot | undefined {
    const state = this.#states.get(definition);
    return state instanceof Promise ? undefined : state;
  }

  /** Whether it was made of others' values as they were later, and says nothing of the past. */
  isLate(definition: StateDefinition): boolean {
    return this.#late.has(definition);
  }

  async of(definition: StateDefinition): Promise<StateSnapshot> {
    let state = this.#states.get(definition);
    if (!state) {
      state = this.#evaluate(definition);
      this.#keep(definition, state);
    }
    return state;
  }

  async #evaluate(definition: StateDefinition): Promise<StateSnapshot> {
    const evaluation = this.#evaluationOf(definition);
    const state = await this.#complete(evaluation, definition);
    // States that it read on the way have their first evaluation too.
    for (const other of evaluation.touched) {
      if (this.#states.has(other) || this.#room.snapshot.states[other.name]) continue;
      this.#keep(other, this.#complete(evaluation, other));
    }
    return state;
  }

  /** Keeps it as soon as it is there; one that failed is tried again by whoever asks next. */
  #keep(definition: StateDefinition, state: Promise<StateSnapshot>): void {
    this.#states.set(definition, state);
    state.then(
      (made) => this.#states.set(definition, made),
      () => this.#states.delete(definition),
    );
  }

  /** One for all states that are asked for at the same time: they may read each other. */
  #evaluationOf(definition: StateDefinition): Evaluation {
    const { snapshot } = this.#room;
    if (snapshot.states[definition.name]) {
      const values = this.values(definition);
      return this.#room.evaluation((state) =>
        state === definition ? { definition, values, before: null } : this.#room.committed(state),
      );
    }
    if (this.#shared?.snapshot !== snapshot) {
      const evaluation = this.#room.evaluation((state) => this.#room.committed(state));
      this.#shared = { snapshot, evaluation };
    }
    return this.#shared.evaluation;
  }

  async #complete(evaluation: Evaluation, definition: StateDefinition): Promise<StateSnapshot> {
    const computed = await evaluation.results(definition);
    const values = this.values(definition);
    const state = Object.freeze({ version: 0, loaded: false, values, computed });
    this.#dependents.learn(definition, state);
    const isStored = this.#room.snapshot.states[definition.name] !== undefined;
    if (isStored && dependsOnOthers(definition, state)) this.#late.add(definition);
    return state;
  }
}
