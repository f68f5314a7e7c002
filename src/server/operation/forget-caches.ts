import { contextCacheSymbol } from '@pothos/core';

/**
 * What plugins of Pothos remember of a context is forgotten: the scopes of auth, objects
 * that were loaded. The context of a subscription lives on, and its next event may come
 * hours later, when rights and rows are others.
 */
export function forgetCaches(context: unknown): void {
  (context as Record<symbol, object>)[contextCacheSymbol] = new CacheKey();
}

/** Smaller than `{}`: every subscription has one. */
class CacheKey {}

/** The same for what the user knows to be remembered of a context. */
export type Forget = (context: unknown) => void;
