import type { BoundEvent, TokenKey } from 'statewire';
import type { EventProgram, LockProgram, Program, Step, TaskProgram } from './script.ts';

/** What handlers ask of the test that runs them. */
export interface Host {
  /** Resolves when the test opens the gate. */
  gate(key: TokenKey, name: string): Promise<void>;
  /** The program as an event, to be triggered or dispatched. */
  bind(what: Program, label: string): BoundEvent;
  eventProgram(label: string): EventProgram;
  taskProgram(key: TokenKey, taskId: string, label: string): TaskProgram;
  /** The program of a task that has ended, with its label; null if its handler never began. */
  exitProgram(key: TokenKey, taskId: string): readonly [label: string, program: TaskProgram] | null;
}

/** What programs use of a state inside a lock. */
export interface TraceDraft {
  n: number;
  lines: string[];
  hidden: number;
  readonly token: TokenKey;
  flush(): Promise<void>;
  rollback(): void;
  trigger(event: BoundEvent): void;
}

/** What gives locks: a task's `self`, or the app. */
export interface LockSource {
  modifyState(handler: (s: TraceDraft) => Promise<void>): Promise<void>;
  modify(): Promise<TraceDraft & AsyncDisposable>;
}

/** The steps as a generator handler. Each appends, waits and fails under its own name. */
export async function* perform(
  host: Host,
  s: TraceDraft,
  steps: readonly Step[],
  label: string,
): AsyncGenerator<BoundEvent | undefined, void> {
  for (const [index, step] of steps.entries()) {
    const at = `${label}.${index}`;
    switch (step.do) {
      case 'append':
        s.lines.push(at);
        break;
      case 'add':
        s.n += 1;
        break;
      case 'subtract':
        s.n -= 1;
        break;
      case 'hide':
        s.hidden += 1;
        break;
      case 'unhide':
        s.hidden -= 1;
        break;
      case 'flush':
        yield;
        break;
      case 'rollback':
        s.rollback();
        break;
      case 'wait':
        await host.gate(s.token, at);
        break;
      case 'fail':
        throw new Error(at);
      case 'trigger':
        s.trigger(host.bind(step.what, at));
        break;
      case 'yield':
        yield host.bind(step.what, at);
    }
  }
}

/** Runs a generator's steps where handlers are no generators: with `flush()` and `trigger()`. */
export async function performAll(s: TraceDraft, steps: ReturnType<typeof perform>): Promise<void> {
  for await (const bound of steps) {
    if (bound) s.trigger(bound);
    else await s.flush();
  }
}

export async function takeLock(
  host: Host,
  source: LockSource,
  { kind, steps }: LockProgram,
  label: string,
): Promise<void> {
  if (kind === 'modifyState') {
    await source.modifyState((s) => performAll(s, perform(host, s, steps, label)));
  } else {
    await using s = await source.modify();
    await performAll(s, perform(host, s, steps, label));
  }
}
