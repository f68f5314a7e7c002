import { isThenable, type MaybePromise } from '../../time/at-once.ts';
import { rebase } from '../../values/diff/rebase.ts';
import { settle } from '../../values/settle.ts';
import type { StateDefinition } from '../definitions.ts';
import { type ComputedResult, noResults } from '../snapshot.ts';
import { ComputedJob } from './computed-job.ts';
import { ComputedReadError } from './computed-read-error.ts';
import { computedSource, Run } from './computed-source.ts';
import type { EvaluatedToken, EvaluationOptions } from './evaluated-state.ts';

type Results = Readonly<Record<string, ComputedResult>>;

type Reads = Readonly<Record<string, readonly string[]>>;

/**
 * Evaluates computed vars of a token's states for new values. One whose inputs
 * are as they were keeps its result and does not run. One that throws, or takes
 * longer than its time, has a failed result: it stops nobody else.
 *
 * A var that reads one that is not done ends there, and runs again when it is. A
 * var that needs itself fails; one that only needed itself last time runs.
 */
export class Evaluation {
  readonly #token: EvaluatedToken;
  readonly #options: EvaluationOptions;
  readonly #jobs = new Map<StateDefinition, Map<string, ComputedJob>>();

  constructor(token: EvaluatedToken, options: EvaluationOptions) {
    this.#token = token;
    this.#options = options;
  }

  /** The states of which something was evaluated. */
  get touched(): Iterable<StateDefinition> {
    return this.#jobs.keys();
  }

  /** All computed vars of a state. */
  results(definition: StateDefinition): MaybePromise<Results> {
    if (definition.computed.size === 0) return noResults;
    const jobs = [...definition.computed.keys()].map((name) => this.#job(definition, name));
    // All are begun before one is waited for: async ones run beside each other.
    for (const job of jobs) this.#start(job);
    const done = () =>
      Object.freeze(Object.fromEntries(jobs.map(({ name, result }) => [name, result]))) as Results;
    const waiting = jobs.filter(({ result }) => !result);
    return waiting.length === 0 ? done() : Promise.all(waiting.map((job) => job.done)).then(done);
  }

  /** One computed var, if it can be had without waiting. */
  peek(definition: StateDefinition, name: string): ComputedResult | null {
    const job = this.#job(definition, name);
    this.#start(job);
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

  #start(job: ComputedJob): void {
    if (job.phase !== 'idle') return;
    const previous = this.#previous(job);
    const cached = job.definition.computed.get(job.name)?.cached;
    if (cached && previous?.reads && this.#areVarsCurrent(previous.reads)) {
      job.phase = 'checking';
      this.#check(job, this.#dependencies(previous.reads));
    } else {
      this.#run(job);
    }
  }

  #previous({ definition, name }: ComputedJob): ComputedResult | undefined {
    return this.#token.stateOf(definition).before?.computed[name];
  }

  #areVarsCurrent(reads: Reads): boolean {
    return Object.entries(reads).every(([state, fields]) => {
      const definition = this.#token.definitionOf(state);
      if (!definition) return false;
      const { values, before } = this.#token.stateOf(definition);
      // One without a past has its defaults.
      if (!before) return true;
      return fields.every(
        (field) => definition.computed.has(field) || Object.is(before.values[field], values[field]),
      );
    });
  }

  #dependencies(reads: Reads): ComputedJob[] {
    return Object.entries(reads).flatMap(([state, fields]) => {
      const definition = this.#token.definitionOf(state);
      if (!definition) return [];
      return fields
        .filter((field) => definition.computed.has(field))
        .map((field) => this.#job(definition, field));
    });
  }

  /** Keeps the earlier result if the computed vars that it came from have theirs; else runs. */
  #check(job: ComputedJob, dependencies: readonly ComputedJob[]): void {
    for (const other of dependencies) {
      this.#ask(job, other);
      // Somebody needed it at once.
      if (job.phase !== 'checking') return;
      if (this.#hasChanged(other)) {
        this.#run(job);
        return;
      }
    }
    job.phase = 'checked';
    this.#conclude(job);
    for (const other of job.blockedBy) void other.done.then(() => this.#conclude(job));
  }

  #conclude(job: ComputedJob): void {
    if (job.phase !== 'checked' || job.result) return;
    if (this.#isStale(job)) {
      this.#run(job);
      return;
    }
    // All that they read beside each other is as it was, and so are they.
    const needed = [...job.needed()];
    if (!needed.every((each) => each.phase === 'checked' && !this.#isStale(each))) return;
    for (const each of needed) each.finish(this.#previous(each) as ComputedResult);
  }

  #isStale({ blockedBy }: ComputedJob): boolean {
    return [...blockedBy].some((other) => this.#hasChanged(other));
  }

  #ask(job: ComputedJob, other: ComputedJob): void {
    job.blockedBy.add(other);
    this.#start(other);
    if (other.result) job.blockedBy.delete(other);
  }

  /** Whether it has a result that is not the earlier one; equal values are the same object. */
  #hasChanged(job: ComputedJob): boolean {
    const previous = this.#previous(job);
    const { result } = job;
    if (!result) return false;
    return previous?.failed !== result.failed || !Object.is(previous.value, result.value);
  }

  #run(job: ComputedJob): void {
    const run = new Run(job);
    const { definition, name } = job;
    const source = computedSource(definition, run, {
      valuesOf: (state) => this.#token.stateOf(state).values,
      read: (state, field) => this.#read(state, field, run),
    });
    job.phase = 'running';
    job.blockedBy.clear();
    let value: unknown;
    try {
      value = definition.computed.get(name)?.resolve(source as never);
    } catch (error) {
      job.phase = 'waiting';
      this.#fail(run, error);
      return;
    }
    job.phase = 'waiting';
    if (!isThenable(value)) {
      this.#finish(run, value);
      return;
    }
    run.isAsync = true;
    void this.#options.withinTime(Promise.resolve(value)).then(
      (result) => this.#finish(run, result),
      (error: unknown) => this.#fail(run, error),
    );
  }

  /** The result of another computed var, for one that reads it. */
  #read(definition: StateDefinition, name: string, run: Run): ComputedResult {
    const other = this.#job(definition, name);
    this.#ask(run.job, other);
    for (;;) {
      if (other.result) {
        run.job.blockedBy.delete(other);
        return other.result;
      }
      const circle = other.wayTo(run.job);
      if (!circle) return run.waitFor(other);
      if (other.wayTo(run.job, ({ isUnderWay }) => isUnderWay)) {
        throw ComputedReadError.circle(other.label);
      }
      // One whose earlier result may stand may not need this one any more: it has to find out now.
      const inQuestion = circle.find((job) => job.isInQuestion);
      if (!inQuestion) return run.waitFor(other);
      this.#run(inQuestion);
    }
  }

  #finish(run: Run, value: unknown): void {
    if (run.blockedOn) {
      this.#again(run.job, run.blockedOn);
      return;
    }
    try {
      run.job.finish(run.result(this.#settle(run.job, value)));
    } catch (error) {
      this.#fail(run, error);
    }
  }

  #settle(job: ComputedJob, value: unknown): unknown {
    const { definition, name } = job;
    const computed = definition.computed.get(name);
    const path = [definition.name, name];
    const settled = settle(value ?? null, path);
    const refusal = computed?.refusal(settled);
    if (refusal) throw new TypeError(`Expected another value of ${job.label}: ${refusal}.`);
    return rebase(this.#previous(job)?.value, settled, { path, key: computed?.key ?? null }).value;
  }

  #fail(run: Run, error: unknown): void {
    if (run.blockedOn) {
      this.#again(run.job, run.blockedOn);
    } else {
      this.#options.onFailure(error, run.job.definition.name, run.job.name);
      run.job.finish(run.failure(error));
    }
  }

  #again(job: ComputedJob, other: ComputedJob): void {
    job.blockedBy.add(other);
    void other.done.then(() => {
      if (!job.result) this.#run(job);
    });
  }
}
