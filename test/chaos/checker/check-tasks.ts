import type { Operation, TokenHistory } from '../history.ts';
import { taskOf } from './check-operations.ts';
import { anySince } from './failovers.ts';
import type { Report } from './report.ts';
import { parseText, stepsPerTask } from './text.ts';

interface TaskTrace {
  readonly operation: Operation | null;
  /** In the order of the log. */
  readonly steps: number[];
  readonly exits: string[];
  steppedAfterExit: boolean;
}

/** Each task that was acknowledged, or has left a trace, has its steps in order and then one exit. */
export function checkTasks(
  { operations, failovers }: TokenHistory,
  texts: readonly string[],
  report: Report,
): void {
  for (const [taskId, trace] of tracesOf(operations, texts)) {
    const { operation, steps, exits } = trace;
    const name = `task ${taskId} of ${operation?.id ?? 'an unknown operation'}`;
    const isWhole = !anySince(operation?.sentAt ?? Number.NEGATIVE_INFINITY, failovers);
    const isRising = steps.every((step, index) => step > (steps[index - 1] ?? 0));
    const isGapless = steps.every((step, index) => step === index + 1);
    if (!isRising || (isWhole && !isGapless)) {
      report.add('task', `${name} made the steps ${steps}`);
    }
    if (trace.steppedAfterExit) report.add('task', `${name} made a step after its exit`);
    if (exits.length > 1) report.add('task', `${name} exited ${exits.length} times: ${exits}`);
    // A failover may take back an exit, or the record that a task runs.
    if (exits.length === 0 && isWhole) report.add('task', `${name} never exited`);
    if (exits.includes('SUCCEEDED') && steps.length < stepsPerTask && isWhole) {
      report.add('task', `${name} succeeded with the steps ${steps}`);
    }
  }
}

/** Acknowledged tasks without an exit. */
export function runningTasks(
  operations: readonly Operation[],
  texts: readonly string[],
): readonly string[] {
  return [...tracesOf(operations, texts)].flatMap(([taskId, { exits }]) =>
    exits.length === 0 ? [taskId] : [],
  );
}

function tracesOf(
  operations: readonly Operation[],
  texts: readonly string[],
): Map<string, TaskTrace> {
  const traces = new Map<string, TaskTrace>();
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const begin = (taskId: string, operation: Operation | null): TaskTrace => {
    const known = traces.get(taskId);
    if (known) return known;
    const trace = { operation, steps: [], exits: [], steppedAfterExit: false };
    traces.set(taskId, trace);
    return trace;
  };
  for (const operation of operations) {
    for (const taskId of taskOf(operation)) begin(taskId, operation);
  }
  for (const text of texts.map(parseText)) {
    if (text.kind === 'append') continue;
    if (text.kind === 'exit') {
      begin(text.taskId, null).exits.push(text.outcome);
      continue;
    }
    const trace = begin(text.taskId, byId.get(text.op) ?? null);
    trace.steps.push(text.step);
    if (trace.exits.length > 0) trace.steppedAfterExit = true;
  }
  return traces;
}
