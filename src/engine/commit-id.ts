import { randomFillSync } from 'node:crypto';

const bytesPerId = 16;

/** Of so many ids at once, since asking for random bytes costs as much for one as for many. */
const pool = Buffer.alloc(512 * bytesPerId);
let at = pool.length;

/**
 * A new id of a commit: 128 random bits in hexadecimal. Not a UUID of `node:crypto`,
 * which is twenty pieces of text put together, and stays that for as long as it is kept.
 */
export function newCommitId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += bytesPerId;
  return pool.toString('hex', at - bytesPerId, at);
}
