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
  /** Those that were evaluated, by their names. */
  readonly #known: Record<string, StateSnapshot> = {};
  /** What is needed until they are, and of some longer: most tokens have nothing of it. */
  #values: Map<StateDefinition, Readonly<Record<string, unknown>>> | null = null;
  #pending: Map<StateDefinition, Promise<StateSnapshot>> | null = null;
  /** The evaluation of states that were never written, as of a snapshot. */
  #shared: { readonly snapshot: TokenSnapshot; readonly evaluation: Evaluation } | null = null;
  /** Those that were evaluated after their first commit. */
  #late: Set<StateDefinition> | null = null;

  constructor(room: InitialStatesRoom, dependents: Dependents) {
    this.#room = room;
    this.#dependents = dependents;
  }

  /** Defaults are made once for each token, so that one like `() => randomUUID()` stays the same. */
  values(definition: StateDefinition): Readonly<Record<string, unknown>> {
    const known = this.known(definition)?.values ?? this.#values?.get(definition);
    if (known) return known;
    const made = initialValues(definition);
    this.#values ??= new Map();
    this.#values.set(definition, made);
    return made;
  }

  /** The state, if it was evaluated. */
  known(definition: StateDefinition): StateSnapshot | undefined {
    return this.#known[definition.name];
  }

  /** Whether it was made of others' values as they were later, and says nothing of the past. */
  isLate(definition: StateDefinition): boolean {
    return this.#late?.has(definition) ?? false;
  }

  async of(definition: StateDefinition): Promise<StateSnapshot> {
    return this.known(definition) ?? this.#pending?.get(definition) ?? this.#begin(definition);
  }

  #begin(definition: StateDefinition): Promise<StateSnapshot> {
    const state = this.#evaluate(definition);
    this.#keep(definition, state);
    return state;
  }

  async #evaluate(definition: StateDefinition): Promise<StateSnapshot> {
    const evaluation = this.#evaluationOf(definition);
    const state = await this.#complete(evaluation, definition);
    let isEmpty = true;
    // States that it read on the way have their first evaluation too.
    for (const other of evaluation.touched) {
      isEmpty = false;
      if (this.known(other) || this.#pending?.has(other)) continue;
      if (this.#room.snapshot.states[other.name]) continue;
      this.#keep(other, this.#complete(evaluation, other));
    }
    // Nothing was computed that others could read.
    if (isEmpty && this.#shared?.evaluation === evaluation) this.#shared = null;
    return state;
  }

  /** Keeps it as soon as it is there; one that failed is tried again by whoever asks next. */
  #keep(definition: StateDefinition, state: Promise<StateSnapshot>): void {
    this.#pending ??= new Map();
    this.#pending.set(definition, state);
    const settled = () => {
      this.#pending?.delete(definition);
      if (this.#pending?.size === 0) this.#pending = null;
    };
    state.then((made) => {
      this.#known[definition.name] = made;
      this.#values?.delete(definition);
      if (this.#values?.size === 0) this.#values = null;
      settled();
    }, settled);
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
    if (isStored && dependsOnOthers(definition, state)) {
      this.#late ??= new Set();
      this.#late.add(definition);
    }
    return state;
  }
}
