export const taskStatuses = [
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'LOST',
] as const;

export type TaskStatus = (typeof taskStatuses)[number];

export type TaskOutcome = Exclude<TaskStatus, 'QUEUED' | 'RUNNING'>;
