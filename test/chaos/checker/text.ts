/** What a commit appends, as the node program writes it. */
export type Text =
  | { readonly kind: 'append'; readonly op: string }
  | { readonly kind: 'step'; readonly op: string; readonly step: number; readonly taskId: string }
  | { readonly kind: 'exit'; readonly taskId: string; readonly outcome: string };

/** How many steps a task has. */
export const stepsPerTask = 3;

export function stepText(op: string, step: number, taskId: string): string {
  return `${op}.${step}@${taskId}`;
}

export function exitText(taskId: string, outcome: string): string {
  return `exit:${taskId}:${outcome}`;
}

export function parseText(text: string): Text {
  const [, op, step, taskId] = /^(.+)\.(\d)@(.+)$/.exec(text) ?? [];
  if (op && step && taskId) return { kind: 'step', op, step: Number(step), taskId };
  const [, ended, outcome] = /^exit:(.+):(\w+)$/.exec(text) ?? [];
  if (ended && outcome) return { kind: 'exit', taskId: ended, outcome };
  return { kind: 'append', op: text };
}
