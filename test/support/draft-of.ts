import { createDraftScope, openDraft } from '../../src/values/draft/open-draft.ts';
import { settle } from '../../src/values/settle.ts';
import type { Root } from './random-edits.ts';

/** A copy of the value as part of a snapshot. */
export function settled(value: unknown): Root {
  return settle(structuredClone(value), []) as Root;
}

/** A draft of the value, outside any lock. */
export function draftOf<T extends object>(value: T, scope = createDraftScope()) {
  const base = settle(value, []) as T;
  const node = openDraft(scope, base as never);
  return { node, base, scope, draft: node.proxy as T };
}
