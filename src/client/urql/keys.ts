import { hasId, type Introspection, isRoot, objectTypes } from '../introspection.ts';

/**
 * The `keys` of Graphcache for a schema of statewire: what has no `id`, diffs and
 * answers say, is no entity of its own.
 *
 * @param introspection what GraphQL Code Generator's `introspection` plugin has written.
 */
export function keys(introspection: Introspection): Record<string, () => null> {
  return Object.fromEntries(
    objectTypes(introspection)
      .filter((type) => !hasId(type) && !isRoot(type, introspection))
      .map(({ name }) => [name, () => null]),
  );
}
