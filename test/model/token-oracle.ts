import {
  type Lock,
  LockOracle,
  type Parent,
  type SeenDiff,
  type Triggered,
} from './lock-oracle.ts';
import { drive, type Run } from './oracle-run.ts';
import type { Ask, EventProgram, LockProgram, Program, TaskProgram } from './script.ts';

/** What a task that ended before it began is called: nobody has told it its name. */
export const unbegun = 'unbegun';

interface Task extends Parent {
  readonly label: string;
  readonly program: TaskProgram;
  /** Its snapshot outside a lock. */
  sees: string;
  settled: boolean;
  exited: boolean;
  cancelled: boolean;
}

/** One token by part 2 of PROTOCOL.md, one step after the other: what it shows whenever nothing moves. */
export class TokenOracle {
  readonly answers: string[] = [];
  readonly failures: string[] = [];
  readonly running = new Map<string, Task>();
  readonly #locks = new LockOracle((all, parent) => this.#follow(all, parent));
  readonly #live = new Set<Task>();

  get diffs(): readonly SeenDiff[] {
    return this.#locks.diffs;
  }

  get gates(): ReadonlyMap<string, () => void> {
    return this.#locks.gates;
  }

  /** Tasks whose handler or `onExit` has not settled. */
  get liveTasks(): number {
    return this.#live.size;
  }

  /** Asks for all at once, before any of it runs. */
  ask(asks: ReadonlyMap<string, Ask>): void {
    for (const [label, what] of asks) {
      const onEnd = (error: Error | null) =>
        this.answers.push(`${label} ${error?.message ?? 'ok'}`);
      if (what.kind === 'task') {
        this.#start(this.#newTask(label, what));
        onEnd(null);
      } else if (what.kind === 'event') {
        this.#enqueueEvent({ label, what }, null, onEnd);
      } else {
        const run = (lock: Lock) => this.#locks.lockProgram(lock, what, label);
        this.#locks.enqueue({ owner: null, parent: null, run, onEnd });
      }
    }
    this.#locks.next();
  }

  cancel(label: string): void {
    const task = this.running.get(label);
    if (!task) return;
    task.cancelled = true;
    this.#end(task, 'CANCELLED');
    this.#locks.takeAway(task);
    this.#locks.next();
  }

  /** What has been triggered at once: with a task that is cancelled, no event of it runs, and no task begins. */
  #follow(all: readonly Triggered[], parent: Parent | null): void {
    const unbegunTasks: Task[] = [];
    for (const { label, what } of all) {
      if (what.kind === 'event') {
        if (!parent?.cancelled) this.#enqueueEvent({ label, what }, parent, () => {});
      } else if (parent?.cancelled) {
        unbegunTasks.push(this.#newTask(unbegun, { ...what, onExit: [] }));
      } else {
        this.#start(this.#newTask(label, what));
      }
    }
    // The engine asks for their locks when it would have begun them.
    for (const task of unbegunTasks) {
      task.settled = true;
      this.#exitOf(task, 'CANCELLED');
    }
  }

  #enqueueEvent(
    { label, what }: { readonly label: string; readonly what: EventProgram },
    parent: Parent | null,
    answer: (error: Error | null) => void,
  ): void {
    this.#locks.enqueue({
      owner: null,
      parent,
      run: (lock) => this.#event(lock, what, label),
      onEnd: (error, sees) => {
        // Dropped before it began: that is nobody's failure.
        if (sees === null) return;
        if (error) this.failures.push(error.message);
        answer(error);
      },
    });
  }

  *#event(lock: Lock, { steps, returns }: EventProgram, label: string): Run {
    yield* this.#locks.steps(lock, steps, label);
    for (const [index, what] of returns.entries()) {
      this.#locks.step(lock, { do: 'trigger', what }, `${label}.r${index}`);
    }
  }

  #newTask(label: string, program: TaskProgram): Task {
    const { sees } = this.#locks;
    const task = { label, program, sees, settled: false, exited: false, cancelled: false };
    this.#live.add(task);
    return task;
  }

  #start(task: Task): void {
    const { label } = task;
    this.running.set(label, task);
    drive(this.#task(task), (error) => {
      task.settled = true;
      if (error && this.running.has(label)) this.failures.push(error.message);
      this.#end(task, error ? 'FAILED' : 'SUCCEEDED');
      this.#forget(task);
      this.#locks.next();
    });
  }

  *#task(task: Task): Run {
    const { label, program } = task;
    yield this.#locks.gate(`${label} started sees ${task.sees}`);
    for (const [index, part] of program.parts.entries()) {
      const at = `${label}.${index}`;
      if (part.do === 'fail') throw new Error(at);
      let error: Error | null = null;
      if (part.do === 'locks') {
        yield (resume) =>
          this.#takeLocks(task, part.locks, at, (first) => {
            error = first;
            resume();
          });
      } else {
        this.#trigger(task, at, part.what);
        this.#locks.next();
      }
      yield this.#locks.gate(`${at} done sees ${task.sees}`);
      if (part.do === 'locks' && error && !part.caught) throw error;
    }
    for (const [index, what] of program.returns.entries()) {
      this.#trigger(task, `${label}.r${index}`, what);
    }
  }

  /** Outside a lock nothing is waited for. */
  #trigger(task: Task, label: string, what: Program): void {
    if (!this.running.has(task.label)) throw new Error('cancelled');
    this.#follow([{ label, what }], task);
  }

  /** Asks for all locks at once; `onEnd` gets the error of the first that failed. */
  #takeLocks(
    task: Task,
    programs: readonly LockProgram[],
    label: string,
    onEnd: (error: Error | null) => void,
  ): void {
    const errors = new Map<number, Error | null>();
    for (const [index, program] of programs.entries()) {
      const ended = (error: Error | null, sees: string | null) => {
        if (sees !== null) task.sees = sees;
        errors.set(index, error);
        if (errors.size < programs.length) return;
        onEnd(programs.map((_, place) => errors.get(place)).find((each) => each) ?? null);
      };
      const run = (lock: Lock) => this.#locks.lockProgram(lock, program, `${label}.${index}`);
      if (this.running.has(task.label))
        this.#locks.enqueue({ owner: task, parent: task, run, onEnd: ended });
      else ended(new Error('cancelled'), null);
    }
    this.#locks.next();
  }

  /** Gives a task its outcome, and puts its `onExit` at the tail of the queue. Does nothing if it has ended. */
  #end(task: Task, outcome: string): void {
    if (this.running.delete(task.label)) this.#exitOf(task, outcome);
  }

  #exitOf(task: Task, outcome: string): void {
    this.#locks.enqueue({
      owner: null,
      parent: null,
      run: (lock) => this.#exit(lock, task, outcome),
      onEnd: (error) => {
        if (error) this.failures.push(error.message);
        task.exited = true;
        this.#forget(task);
      },
    });
  }

  *#exit(lock: Lock, { label, program }: Task, outcome: string): Run {
    this.#locks.step(lock, { do: 'append' }, `${label}.exit ${outcome}`);
    yield* this.#locks.steps(lock, program.onExit, `${label}.exit`);
  }

  #forget(task: Task): void {
    if (task.settled && task.exited) this.#live.delete(task);
  }
}
