import {
  StatewireError,
  StoreCorruptedError,
  StoreUnavailableError,
  StoreWriteError,
} from '../../errors/index.ts';

/** What Redis answers while it cannot, and will be able to. */
const passing = [
  'BUSY ',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'NOREPLICAS',
  'READONLY',
  'TRYAGAIN',
  'UNKILLABLE',
];

/** What it answers when it has no room, or its disk refuses. */
const full = ['OOM ', 'MISCONF'];

/** What it answers about what others have put into our keys. */
const foreign = ['WRONGTYPE', 'ERR The ID specified in XADD'];

/** Whether it does not know a script by its hash. */
export function isUnknownScript(error: unknown): boolean {
  return startsWithOne(error, ['NOSCRIPT']);
}

/** Whether the same command may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  return startsWithOne(error, passing);
}

/** Whether what was sent may have been done: no answer came. */
export function isOutcomeUnknown(error: unknown): error is StoreUnavailableError {
  return error instanceof StoreUnavailableError && !isReply(error.cause);
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** As what users of the store see it. */
export function translated(error: unknown): StatewireError {
  if (error instanceof StatewireError) return error;
  const options = { cause: error };
  if (startsWithOne(error, full)) return new StoreWriteError(options);
  if (startsWithOne(error, foreign)) {
    return new StoreCorruptedError('something else is in a key of it', options);
  }
  return new StoreUnavailableError(options);
}

function startsWithOne(error: unknown, beginnings: readonly string[]): boolean {
  const message = error instanceof Error ? error.message : '';
  return beginnings.some((beginning) => message.startsWith(beginning));
}
