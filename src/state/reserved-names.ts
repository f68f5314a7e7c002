/** Names of a state's members, which no var can have. */
export const reservedNames = [
  'id',
  'token',
  'version',
  'parent',
  'modify',
  'modifyState',
  'getState',
  'trigger',
  'flush',
  'rollback',
  'reset',
  'sleep',
  'report',
  'signal',
  'context',
  'taskId',
  'attempt',
  'checkpoint',
  'resumed',
] as const;

export type ReservedName = (typeof reservedNames)[number];
