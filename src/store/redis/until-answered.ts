import { setTimeout as sleep } from 'node:timers/promises';
import { ShuttingDownError, StoreCorruptedError } from '../../errors/index.ts';

/** Before Redis is asked again, in ms. */
const retryMs = 500;

/**
 * Does the work again and again until Redis answers, as long as it is wanted.
 *
 * @throws {@link StoreCorruptedError}, {@link ShuttingDownError}: asking again mends neither.
 */
export async function untilAnswered(
  work: () => Promise<void>,
  isWanted: () => boolean,
): Promise<void> {
  while (isWanted()) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreCorruptedError || error instanceof ShuttingDownError) throw error;
      await sleep(retryMs, undefined, { ref: false });
    }
  }
}
