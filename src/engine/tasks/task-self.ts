import type { EventDefinition, StateReference } from '../../state/definitions.ts';
import { type EventCall, requireEventCall } from '../../state/event-reference.ts';
import type { Clock } from '../../time/clock.ts';
import { turn } from '../../time/turn.ts';
import { callSite } from '../call-site.ts';
import type { Fence } from '../fence.ts';
import { Sleeper } from './sleeper.ts';
import type { TaskAccess } from './task-access.ts';
import type { TaskAttempt } from './task-attempt.ts';

/** The task that a `self` is of. */
interface SelfHost {
  readonly id: string;
  readonly event: EventDefinition;
  readonly clock: Clock;
  readonly access: TaskAccess;
  /** Set if the task is durable. */
  readonly attempt: TaskAttempt | null;
  /** What `taskContext` made. */
  context(): unknown;
  /** The handler's own. */
  readonly fence: Fence;
  /** @throws {@link TaskEndedError}, or why it may do nothing more. */
  assertUnderWay(): void;
  report(progress: number, message?: string): void;
  trigger(call: EventCall): void;
}

/** The state of a task's event outside a lock, with the members that a task has: what its handler gets. */
export class TaskSelf {
  readonly #task: SelfHost;
  readonly #sleeper: Sleeper;

  constructor(task: SelfHost) {
    this.#task = task;
    this.#sleeper = new Sleeper(task.clock, task.fence);
  }

  /** Whether its handler waits in `self.sleep`. */
  get sleeps(): boolean {
    return this.#sleeper.isAsleep;
  }

  /** The object itself, another one each time. */
  get view(): object {
    const { access, event } = this.#task;
    const members = Object.assign(this.#members(), this.#attemptMembers());
    return access.view(event.state, (name) =>
      Object.hasOwn(members, name) ? members[name] : undefined,
    );
  }

  #members(): Record<string | symbol, unknown> {
    const task = this.#task;
    const { access, event } = task;
    const { state } = event;
    const modify = () => access.modify(state, callSite(modify));
    return {
      taskId: task.id,
      context: task.context(),
      get signal() {
        return task.fence.signal;
      },
      modifyState: (handler: (draft: object) => unknown) => access.modifyState(state, handler),
      modify,
      trigger: (reference: unknown) => task.trigger(requireEventCall(reference)),
      sleep: (ms: number) => this.#sleep(ms),
      report: (progress: number, message?: string) => task.report(progress, message),
      getState: (reference: StateReference) => access.getState(reference),
    };
  }

  #attemptMembers(): Record<string, unknown> {
    const { attempt } = this.#task;
    if (!attempt) return {};
    return {
      attempt: attempt.number,
      resumed: attempt.resumed,
      checkpoint: (value: unknown) => this.#checkpoint(attempt, value),
    };
  }

  #checkpoint(attempt: TaskAttempt, value: unknown): void {
    this.#task.assertUnderWay();
    const lock = this.#task.access.heldLock;
    if (!lock) {
      throw new TypeError(
        'Expected self.checkpoint() inside self.modifyState() or self.modify(): it is saved with that commit.',
      );
    }
    attempt.checkpoint(lock, value);
  }

  #sleep(ms: number): Promise<void> {
    if (!this.#task.fence.aborted) return this.#sleeper.sleep(ms);
    // A handler that takes no error for an answer must not keep the process from all else.
    return turn().then(() => this.#sleeper.sleep(ms));
  }
}
