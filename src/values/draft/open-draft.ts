import { isMap, isSet, type PlainObject } from '../plain.ts';
import { type DraftOwner, DraftScope } from './draft-scope.ts';
import { MapDraft } from './map-draft.ts';
import { ObjectDraft } from './object-draft.ts';
import { SetDraft } from './set-draft.ts';

/** A scope for the drafts of one lock. */
export function createDraftScope(): DraftScope {
  return new DraftScope(createDraft);
}

function createDraft(scope: DraftScope, base: object, owner: DraftOwner | null): object {
  if (isMap(base)) return new MapDraft(scope, base, owner).proxy;
  if (isSet(base)) return new SetDraft(scope, base, owner).proxy;
  return new ObjectDraft(scope, base as unknown[] | PlainObject, owner).proxy;
}

/** The draft of a settled object, from which all others of its scope are read. */
export function openDraft(scope: DraftScope, base: PlainObject): ObjectDraft {
  return new ObjectDraft(scope, base, null);
}
