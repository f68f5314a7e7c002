import type { StateDefinition } from '../state/definitions.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { isEqual } from '../values/diff/diff.ts';

/** The vars and computed vars that differ between two snapshots of a state, in the order of its definition. `isSame` tells them apart. */
export function visibleChanges(
  definition: StateDefinition,
  before: StateSnapshot,
  after: StateSnapshot,
  isSame: (old: unknown, now: unknown) => boolean = isEqual,
): string[] {
  const changed: string[] = [];
  if (before === after) return changed;
  for (const name of definition.vars.keys()) {
    if (!isSame(before.values[name], after.values[name])) changed.push(name);
  }
  for (const name of definition.computed.keys()) {
    const old = before.computed[name];
    const now = after.computed[name];
    if (old?.failed !== now?.failed || !isSame(old?.value, now?.value)) changed.push(name);
  }
  return changed;
}

/** Every name a client can see of a state. */
export function visibleNames(definition: StateDefinition): string[] {
  return [...definition.vars.keys(), ...definition.computed.keys()];
}
