import { drive, type Run } from './oracle-run.ts';
import type { LockProgram, Program, Step } from './script.ts';

/** What clients see of a state. */
export interface Visible {
  readonly n: number;
  readonly lines: readonly string[];
  /** Computed from the backend var. */
  readonly even: boolean;
}

export interface SeenDiff {
  readonly version: number;
  readonly since: number;
  readonly reset: boolean;
  readonly changed: readonly string[];
  /** The state after the diff. */
  readonly state: Visible;
}

/** A task, as what it has triggered knows it. */
export interface Parent {
  readonly cancelled: boolean;
}

interface Values {
  readonly n: number;
  readonly lines: readonly string[];
  readonly hidden: number;
}

export interface Triggered {
  readonly label: string;
  readonly what: Program;
}

export interface Lock {
  readonly request: LockRequest;
  draft: Values;
  triggered: readonly Triggered[];
  /** Set when the lock was taken away: what its holder saw last. */
  lostAt: string | null;
}

export interface LockRequest {
  /** Who loses it by {@link LockOracle.takeAway}. */
  readonly owner: object | null;
  /** The task that what is triggered in it goes with; an event is dropped with it before it begins. */
  readonly parent: Parent | null;
  readonly run: (lock: Lock) => Run;
  /** `sees` is the token as the lock left it; null if it was never held. */
  readonly onEnd: (error: Error | null, sees: string | null) => void;
}

export type Follow = (all: readonly Triggered[], parent: Parent | null) => void;

const initial: Values = { n: 0, lines: [], hidden: 0 };

/** The queue, the transactions and the versions of one token. */
export class LockOracle {
  readonly diffs: SeenDiff[];
  /** Where handlers wait, and how each goes on. */
  readonly gates = new Map<string, () => void>();
  readonly #follow: Follow;
  readonly #queue: LockRequest[] = [];
  #holder: Lock | null = null;
  #stored = initial;
  #commits = 0;
  #version = 0;

  /** @param follow is given what was triggered, after the commit it was attached to. */
  constructor(follow: Follow) {
    this.#follow = follow;
    const changed = ['EVEN', 'LINES', 'N'];
    this.diffs = [{ version: 0, since: 0, reset: true, changed, state: visible(initial) }];
  }

  /** The token as a task sees it outside a lock. */
  get sees(): string {
    return `${this.#version}/${this.#stored.hidden}`;
  }

  gate(name: string): (resume: () => void) => void {
    return (resume) => {
      this.gates.set(name, () => {
        this.gates.delete(name);
        resume();
      });
    };
  }

  /** Puts a lock at the tail of the queue; {@link next} lets it go on. */
  enqueue(request: LockRequest): void {
    this.#queue.push(request);
  }

  /** Gives the lock, if it is free, to the first in the queue. */
  next(): void {
    if (this.#holder) return;
    const request = this.#queue.shift();
    if (!request) return;
    const lock: Lock = { request, draft: this.#stored, triggered: [], lostAt: null };
    this.#holder = lock;
    drive(this.#transaction(lock), (error) => {
      if (this.#holder === lock) this.#holder = null;
      request.onEnd(error, lock.lostAt ?? this.sees);
      this.next();
    });
  }

  /** Cancels what the task waits for, with the events that go with it, and takes what it holds. */
  takeAway(owner: Parent): void {
    const goes = (each: LockRequest) => each.owner === owner || each.parent === owner;
    for (const request of this.#queue.filter(goes)) {
      this.#queue.splice(this.#queue.indexOf(request), 1);
      request.onEnd(new Error('cancelled'), null);
    }
    const holder = this.#holder;
    if (!holder || holder.request.owner !== owner) return;
    holder.lostAt = this.sees;
    this.#holder = null;
  }

  /** A program of the block form commits also when it fails. */
  *lockProgram(lock: Lock, { kind, steps }: LockProgram, label: string): Run {
    try {
      yield* this.steps(lock, steps, label);
    } catch (error) {
      if (kind === 'modify') this.#commit(lock);
      throw error;
    }
  }

  *steps(lock: Lock, steps: readonly Step[], label: string): Run {
    for (const [index, step] of steps.entries()) {
      const at = `${label}.${index}`;
      if (step.do === 'wait') yield this.gate(at);
      else this.step(lock, step, at);
    }
  }

  step(lock: Lock, step: Step, at: string): void {
    const { draft } = lock;
    if (step.do === 'fail') throw new Error(at);
    if (step.do === 'rollback') {
      lock.draft = this.#stored;
      lock.triggered = [];
      return;
    }
    if (lock.lostAt !== null) throw new Error('cancelled');
    switch (step.do) {
      case 'append':
        lock.draft = { ...draft, lines: [...draft.lines, at] };
        break;
      case 'add':
      case 'subtract':
        lock.draft = { ...draft, n: draft.n + (step.do === 'add' ? 1 : -1) };
        break;
      case 'hide':
      case 'unhide':
        lock.draft = { ...draft, hidden: draft.hidden + (step.do === 'hide' ? 1 : -1) };
        break;
      case 'flush':
        this.#commit(lock);
        break;
      case 'trigger':
      case 'yield':
        lock.triggered = [...lock.triggered, { label: at, what: step.what }];
    }
  }

  *#transaction(lock: Lock): Run {
    yield* lock.request.run(lock);
    this.#commit(lock);
  }

  #commit(lock: Lock): void {
    if (lock.lostAt !== null) throw new Error('cancelled');
    const { draft, triggered } = lock;
    if (JSON.stringify(draft) !== JSON.stringify(this.#stored)) {
      this.#commits += 1;
      this.#publish(visible(this.#stored), visible(draft));
      this.#stored = draft;
    }
    lock.triggered = [];
    this.#follow(triggered, lock.request.parent);
  }

  #publish(before: Visible, state: Visible): void {
    const changed = (['even', 'lines', 'n'] as const)
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(state[name]))
      .map((name) => name.toUpperCase());
    if (changed.length === 0) return;
    const since = this.#version;
    this.#version = this.#commits;
    this.diffs.push({ version: this.#version, since, reset: false, changed, state });
  }
}

function visible({ n, lines, hidden }: Values): Visible {
  return { n, lines, even: hidden % 2 === 0 };
}
