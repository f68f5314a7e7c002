import { randomBytes } from 'node:crypto';

/** A new {@link StateStore.generation}. */
export function newGeneration(): string {
  return randomBytes(6).toString('base64url');
}
