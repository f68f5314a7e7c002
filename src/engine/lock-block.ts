import type { Logger } from '../logging/logger.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { createStateDraft } from './state-draft.ts';
import type { TokenLock } from './token-lock.ts';

/**
 * The draft of `await using s = await self.modify()`: its lock commits and
 * ends with the block. One that is dropped without `using` is warned about
 * when it is collected, and ends at `maxHoldMs`.
 */
export async function openBlock(
  lock: TokenLock,
  definition: StateDefinition,
  options: { readonly logger: Logger; readonly onEnd: () => void },
): Promise<object> {
  lock.limitTime();
  try {
    await lock.drafts.open(definition);
  } catch (error) {
    lock.release();
    options.onEnd();
    throw error;
  }
  const registration = {};
  const dispose = async () => {
    droppedBlocks.unregister(registration);
    try {
      await lock.finish();
    } finally {
      lock.release();
      options.onEnd();
    }
  };
  const block = createStateDraft(lock, definition, (name) =>
    name === Symbol.asyncDispose ? dispose : undefined,
  );
  droppedBlocks.register(block, { holder: lock.describe(), ...options }, registration);
  return block;
}

const droppedBlocks = new FinalizationRegistry<{ holder: string; logger: Logger }>(
  ({ holder, logger }) => {
    logger.warn(
      { holder },
      'a lock was dropped without await using: it blocks its token until maxHoldMs',
    );
  },
);
