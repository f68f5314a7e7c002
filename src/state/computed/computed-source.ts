import type { StateDefinition, StateReference } from '../definitions.ts';
import type { ComputedResult } from '../snapshot.ts';
import type { ComputedJob } from './computed-job.ts';
import { ComputedReadError } from './computed-read-error.ts';

/** One call of a computed var's function, and what it read. */
export class Run {
  readonly job: ComputedJob;
  /** The computed var it read that was not done: it must run again. */
  blockedOn: ComputedJob | null = null;
  isAsync = false;
  readonly #reads = new Map<string, Set<string>>();

  constructor(job: ComputedJob) {
    this.job = job;
  }

  note(state: string, field: string): void {
    const fields = this.#reads.get(state);
    if (fields) fields.add(field);
    else this.#reads.set(state, new Set([field]));
  }

  /** @throws always, so that the function ends here. */
  waitFor(other: ComputedJob): never {
    this.blockedOn ??= other;
    throw new Error(
      `Expected the computed var ${other.label} to be done. It runs again when it is.`,
    );
  }

  result(value: unknown): ComputedResult {
    return Object.freeze({ value, failed: false, reads: this.#frozenReads() });
  }

  /**
   * One that failed while it waited may do better next time, and has not read
   * everything that it would have: it follows from nothing that is known.
   */
  failure(error: unknown): ComputedResult {
    const isKnown = !this.isAsync || error instanceof ComputedReadError;
    return Object.freeze({
      value: null,
      failed: true,
      reads: isKnown ? this.#frozenReads() : null,
    });
  }

  #frozenReads(): Readonly<Record<string, readonly string[]>> {
    const sorted = [...this.#reads].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.freeze(
      Object.fromEntries(
        sorted.map(([state, fields]) => [state, Object.freeze([...fields].sort())]),
      ),
    );
  }
}

/** Where a computed var's function reads. */
export interface SourceReader {
  valuesOf(definition: StateDefinition): Readonly<Record<string, unknown>>;
  read(definition: StateDefinition, name: string): ComputedResult;
}

/** The view of a state that a computed var gets: it notes which fields are read, there and in other states. */
export function computedSource(
  definition: StateDefinition,
  run: Run,
  reader: SourceReader,
): object {
  return new Proxy({}, new SourceHandler(definition, run, reader));
}

class SourceHandler implements ProxyHandler<object> {
  readonly #definition: StateDefinition;
  readonly #run: Run;
  readonly #reader: SourceReader;

  constructor(definition: StateDefinition, run: Run, reader: SourceReader) {
    this.#definition = definition;
    this.#run = run;
    this.#reader = reader;
  }

  get(_target: object, key: PropertyKey): unknown {
    if (typeof key !== 'string') return undefined;
    const { name: state, computed, parent } = this.#definition;
    if (computed.has(key)) {
      this.#run.note(state, key);
      const result = this.#reader.read(this.#definition, key);
      if (!result.failed) return result.value;
      throw ComputedReadError.failed(`${state}.${key}`);
    }
    if (key === 'getState') return async (other: StateReference) => this.#source(other.definition);
    if (key === 'parent' && parent) return this.#source(parent);
    this.#run.note(state, key);
    return this.#reader.valuesOf(this.#definition)[key];
  }

  has(_target: object, key: PropertyKey): boolean {
    return key in this.#reader.valuesOf(this.#definition);
  }

  ownKeys(): string[] {
    return Object.keys(this.#reader.valuesOf(this.#definition));
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    if (!this.has(target, key)) return undefined;
    return { value: this.get(target, key), enumerable: true, configurable: true, writable: false };
  }

  set(_target: object, key: PropertyKey): never {
    throw new TypeError(`Expected a computed var to read only, got a write to "${String(key)}".`);
  }

  #source(definition: StateDefinition): object {
    return computedSource(definition, this.#run, this.#reader);
  }
}
