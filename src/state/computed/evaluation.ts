import { rebase } from '../../values/diff/rebase.ts';
import { settle } from '../../values/settle.ts';
import type { StateDefinition } from '../definitions.ts';
import type { ComputedResult } from '../snapshot.ts';
import { ComputedJob } from './computed-job.ts';
import { computedSource, Run } from './computed-source.ts';
import type { EvaluatedState, EvaluatedToken, EvaluationOptions } from './evaluated-state.ts';

type Results = Readonly<Record<string, ComputedResult>>;

const noResults: Results = Object.freeze({});

/**
 * Evaluates computed vars of a token's states for new values. One whose inputs
 * are as they were keeps its result and does not run. One that throws, or takes
 * longer than its time, has a failed result: it stops nobody else.
 */
export class Evaluation {
  readonly #token: EvaluatedToken;
  readonly #options: EvaluationOptions;
  readonly #jobs = new Map<StateDefinition, Map<string, ComputedJob>>();

  constructor(token: EvaluatedToken, options: EvaluationOptions) {
    this.#token = token;
    this.#options = options;
  }

  /** All computed vars of a state. */
  async results(definition: StateDefinition): Promise<Results> {
    if (definition.computed.size === 0) return noResults;
    const jobs = [...definition.computed.keys()].map((name) => this.#job(definition, name));
    // All are begun before one is waited for: async ones run beside each other.
    for (const job of jobs) void this.#evaluate(job);
    for (const { pending } of jobs) if (pending) await pending;
    return Object.freeze(
      Object.fromEntries(jobs.map(({ name, result }) => [name, result])),
    ) as Results;
  }

  /** One computed var, if it can be had without waiting. */
  peek(definition: StateDefinition, name: string): ComputedResult | null {
    const job = this.#job(definition, name);
    void this.#evaluate(job);
    return job.result;
  }

  #job(definition: StateDefinition, name: string): ComputedJob {
    let jobs = this.#jobs.get(definition);
    if (!jobs) {
      jobs = new Map();
      this.#jobs.set(definition, jobs);
    }
    let job = jobs.get(name);
    if (!job) {
      job = new ComputedJob(definition, name);
      jobs.set(name, job);
    }
    return job;
  }

  /** Returns a promise only if the job is not done. */
  #evaluate(job: ComputedJob): Promise<void> | null {
    if (job.result) return null;
    job.pending ??= this.#attempt(job);
    return job.pending;
  }

  #attempt(job: ComputedJob): Promise<void> | null {
    const { before } = this.#stateOf(job.definition);
    const previous = before?.computed[job.name];
    const run = new Run(job);
    const computed = job.definition.computed.get(job.name);
    job.running = true;
    try {
      if (previous && computed?.cached && this.#isCurrent(previous, run)) {
        job.result = previous;
        return null;
      }
      const value = computed?.resolve(this.#source(job.definition, run) as never);
      if (!isPromise(value)) return this.#finish(run, value);
      return this.#options.withinTime(value).then(
        (result) => this.#finish(run, result) ?? undefined,
        (error: unknown) => this.#fail(run, error) ?? undefined,
      );
    } catch (error) {
      return this.#fail(run, error);
    } finally {
      job.running = false;
    }
  }

  /** Whether everything that the earlier evaluation read is as it was. */
  #isCurrent(previous: ComputedResult, run: Run): boolean {
    return Object.entries(previous.reads).every(([state, fields]) => {
      const definition = this.#token.definitionOf(state);
      if (!definition) return false;
      const { values, before } = this.#stateOf(definition);
      return fields.every((field) => {
        if (!definition.computed.has(field)) return Object.is(before?.values[field], values[field]);
        // A circle is as it was if everything else that it read is.
        if (this.#isCircle(definition, field, run)) return true;
        return isSame(before?.computed[field], this.#read(definition, field, run));
      });
    });
  }

  /** The result of another computed var, for one that reads it. */
  #read(definition: StateDefinition, name: string, run: Run): ComputedResult | null {
    const job = this.#job(definition, name);
    if (this.#isCircle(definition, name, run)) throw new ComputedCycleError(job.label);
    if (this.#evaluate(job)) run.waitFor(job);
    return job.result;
  }

  #isCircle(definition: StateDefinition, name: string, run: Run): boolean {
    const job = this.#job(definition, name);
    return job.running || job.isWaitingFor(run.job);
  }

  #source(definition: StateDefinition, run: Run): object {
    return computedSource(definition, run, {
      valuesOf: (state) => this.#stateOf(state).values,
      read: (state, name) => this.#read(state, name, run),
    });
  }

  #stateOf(definition: StateDefinition): EvaluatedState {
    return this.#token.stateOf(definition);
  }

  /** What a run came to; a promise if it must run again, because it read one that was not done. */
  #finish(run: Run, value: unknown): Promise<void> | null {
    if (run.blockedOn) return this.#again(run.job, run.blockedOn);
    const { definition, name } = run.job;
    const path = [definition.name, name];
    const computed = definition.computed.get(name);
    const before = this.#stateOf(definition).before?.computed[name];
    try {
      const settled = settle(value ?? null, path);
      const refusal = computed?.refusal(settled);
      if (refusal) throw new TypeError(`Expected another value of ${path.join('.')}: ${refusal}.`);
      const rebased = rebase(before?.value, settled, { path, key: computed?.key ?? null });
      run.job.result = run.result(rebased.value);
    } catch (error) {
      return this.#fail(run, error);
    }
    return null;
  }

  #fail(run: Run, error: unknown): Promise<void> | null {
    if (run.blockedOn) return this.#again(run.job, run.blockedOn);
    this.#options.onFailure(error, run.job.definition.name, run.job.name);
    run.job.result = run.failure();
    return null;
  }

  async #again(job: ComputedJob, other: ComputedJob): Promise<void> {
    await other.pending;
    job.waitsFor = null;
    await this.#attempt(job);
  }
}

/** An equal value is the same object: it was built on the one before. */
function isSame(a: ComputedResult | undefined, b: ComputedResult | null): boolean {
  return a?.failed === b?.failed && Object.is(a?.value, b?.value);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === 'function';
}

class ComputedCycleError extends TypeError {
  constructor(label: string) {
    super(`Expected no cycle, got the computed var ${label}, which depends on itself.`);
  }
}
