import { StatewireError } from 'statewire';
import type { Gate } from './gate.ts';
import type { Journal } from './journal.ts';

/** What is needed of the `self` of a durable event of a state with `steps`. */
export interface Walker {
  readonly taskId: string;
  readonly attempt: number;
  readonly resumed: unknown;
  checkpoint(value: unknown): void;
  sleep(ms: number): Promise<void>;
  modifyState(handler: (s: { steps: string[] }) => void): Promise<unknown>;
}

export interface Walk {
  readonly name: string;
  readonly steps: number;
}

export interface Way {
  readonly journal: Journal;
  readonly gate: Gate;
  /** Called before each step. */
  before?(step: number): void | Promise<void>;
  /** Called in the lock of each step. */
  within?(step: number): void;
}

/** Takes step after step, each in a commit that leaves it in the state, and saves where it is. */
export async function walk(self: Walker, { name, steps }: Walk, way: Way): Promise<void> {
  const { journal, gate } = way;
  const of = { task: self.taskId, attempt: self.attempt };
  journal.note({ what: 'begun', ...of });
  try {
    for (let step = Number(self.resumed ?? 0) + 1; step <= steps; step += 1) {
      while (!gate.lets(step)) await self.sleep(10);
      await way.before?.(step);
      await self.modifyState((s) => {
        s.steps.push(`${name} ${step}`);
        way.within?.(step);
        self.checkpoint(step);
      });
      journal.note({ what: 'step', ...of, step });
      await self.sleep(2);
    }
    journal.note({ what: 'left', ...of, code: null });
  } catch (error) {
    const code = error instanceof StatewireError ? error.code : String(error);
    journal.note({ what: 'left', ...of, code });
    throw error;
  }
}

/** What a walk leaves, if each step was taken once. */
export function stepsOf({ name, steps }: Walk): string[] {
  return Array.from({ length: steps }, (_, index) => `${name} ${index + 1}`);
}
