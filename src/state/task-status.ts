export const taskStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'LOST'] as const;

export type TaskStatus = (typeof taskStatuses)[number];

export type TaskOutcome = Exclude<TaskStatus, 'RUNNING'>;
