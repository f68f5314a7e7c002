/**
 * Every code that statewire puts into `extensions.code`, and whether the same
 * request may succeed when it is sent again unchanged.
 */
export const errorCodes = {
  BAD_REQUEST: { retryable: false },
  BACKGROUND_EVENT_CALL: { retryable: false },
  CONFLICT: { retryable: true },
  CONCURRENCY_LIMIT: { retryable: true },
  COMPUTED_VAR_FAILED: { retryable: false },
  EVENT_CALL: { retryable: false },
  IMMUTABLE_STATE: { retryable: false },
  INVALID_CURSOR: { retryable: false },
  INVALID_TOKEN: { retryable: false },
  LOCK_EXPIRED: { retryable: true },
  LOCK_TIMEOUT: { retryable: true },
  MIGRATION_FAILED: { retryable: false },
  NESTED_MODIFY: { retryable: false },
  RESOURCE_EXHAUSTED: { retryable: true },
  SHUTTING_DOWN: { retryable: true },
  STORE_BACKUP_FAILED: { retryable: false },
  STORE_CORRUPTED: { retryable: false },
  STORE_OPEN_FAILED: { retryable: false },
  STORE_OUTCOME_UNKNOWN: { retryable: false },
  STORE_UNAVAILABLE: { retryable: true },
  STORE_WRITE_FAILED: { retryable: true },
  STATE_RELEASED: { retryable: false },
  SUPERSEDED: { retryable: false },
  TASK_CANCELLED: { retryable: false },
  TASK_ENDED: { retryable: false },
  TASK_TIMEOUT: { retryable: false },
  TASK_INTERRUPTED: { retryable: false },
  TASK_LOST: { retryable: false },
  UNKNOWN_TASK: { retryable: false },
  VALUE_NOT_STORABLE: { retryable: false },
} as const satisfies Record<string, { readonly retryable: boolean }>;

/** A code from {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
