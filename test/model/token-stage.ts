import { setImmediate as turn } from 'node:timers/promises';
import { type App, type BoundEvent, createApp, memoryStore, type TokenKey } from 'statewire';
import { Deferred } from '../support/deferred.ts';
import { createBuilder, type LabContext } from '../support/lab.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { defineTrace } from './define-trace.ts';
import type { Host } from './perform.ts';
import type { Ask, EventProgram, Program, TaskProgram } from './script.ts';
import { Subscriber } from './subscriber.ts';

/** A token of a real app, and what a test sees and does of it. */
export class TokenStage {
  readonly key: TokenKey;
  readonly subscriber: Subscriber;
  readonly failures: string[] = [];
  readonly answers: string[] = [];
  /** Where handlers wait. */
  readonly gates = new Map<string, Deferred>();
  /** Ids of the tasks that started, by label. */
  readonly tasks = new Map<string, string>();

  constructor(app: App<LabContext>, token: string, onActivity: () => void) {
    this.key = app.keyOf(token);
    this.subscriber = new Subscriber(app, token, onActivity);
  }
}

/** An app with some tokens, whose handlers run programs and wait at gates that the test opens. */
export class Stage implements Host {
  readonly app: App<LabContext>;
  readonly tokens: readonly TokenStage[];
  readonly #trace: ReturnType<typeof defineTrace>;
  readonly #programs = new Map<string, Program>();
  #activity = 0;
  #allOpen = false;

  constructor(tokens: readonly string[]) {
    const builder = createBuilder();
    this.#trace = defineTrace(builder, this);
    this.app = createApp<LabContext>({
      schema: builder.toSchema(),
      store: memoryStore(),
      development: true,
      logger: silentLogger,
      // What is held at a gate must not depend on the clock.
      limits: { warnHoldMs: 600_000, maxHoldMs: 600_000, acquireTimeoutMs: 600_000 },
      onError: (error, { key }) => {
        this.#token(key).failures.push((error as Error).message);
      },
    });
    this.tokens = tokens.map((token) => new TokenStage(this.app, token, this.#onActivity));
  }

  liveTasks({ key }: TokenStage): number {
    return [...this.app.backgroundTasks].filter((task) => task.key === key).length;
  }

  /** Asks without waiting for the answer. */
  ask({ key, answers }: TokenStage, label: string, what: Ask): void {
    this.#ask(key, label, what)
      .then(
        () => answers.push(`${label} ok`),
        (error) => answers.push(`${label} ${error.message}`),
      )
      .finally(this.#onActivity);
  }

  open({ gates }: TokenStage, gate: string): void {
    gates.get(gate)?.resolve();
    gates.delete(gate);
  }

  cancel({ tasks }: TokenStage, label: string): void {
    const id = tasks.get(label);
    for (const task of this.app.backgroundTasks) if (task.id === id) task.cancel();
  }

  /** Until nothing happens any more: every handler waits at a gate, or for a lock. */
  async idle(): Promise<void> {
    // The engine lets others have a turn now and then; one quiet turn may be such a pause.
    for (let quiet = 0; quiet < 3; quiet += 1) {
      const before = this.#activity;
      await turn();
      if (this.#activity !== before) quiet = -1;
    }
  }

  /** Lets everything run to its end. */
  async close(): Promise<void> {
    this.#allOpen = true;
    for (const token of this.tokens) {
      for (const gate of token.gates.keys()) this.open(token, gate);
      await token.subscriber.leave();
    }
    await this.app.close({ graceMs: 1_000 });
  }

  // What handlers ask

  async gate(key: TokenKey, name: string): Promise<void> {
    this.#onActivity();
    if (this.#allOpen) return;
    const gate = new Deferred();
    this.#token(key).gates.set(name, gate);
    await gate.promise;
    this.#onActivity();
  }

  bind(what: Program, label: string): BoundEvent {
    this.#programs.set(label, what);
    return what.kind === 'task'
      ? this.#trace.task.with({ label })
      : this.#trace.event.with({ label });
  }

  eventProgram(label: string): EventProgram {
    this.#onActivity();
    return this.#programs.get(label) as EventProgram;
  }

  taskProgram(key: TokenKey, taskId: string, label: string): TaskProgram {
    this.#onActivity();
    this.#token(key).tasks.set(label, taskId);
    return this.#programs.get(label) as TaskProgram;
  }

  exitProgram(key: TokenKey, taskId: string): readonly [string, TaskProgram] | null {
    this.#onActivity();
    for (const [label, id] of this.#token(key).tasks) {
      if (id === taskId) return [label, this.#programs.get(label) as TaskProgram];
    }
    return null;
  }

  readonly #onActivity = (): void => {
    this.#activity += 1;
  };

  #token(key: TokenKey): TokenStage {
    return this.tokens.find((token) => token.key === key) as TokenStage;
  }

  async #ask(key: TokenKey, label: string, what: Ask): Promise<void> {
    if (what.kind === 'event' || what.kind === 'task') {
      await this.app.dispatch(this.bind(what, label), key);
    } else {
      await this.#trace.lock(this.app, key, what, label);
    }
  }
}
