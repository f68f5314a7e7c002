import type { TypePolicies } from '@apollo/client';
import { hasId, type Introspection, isComposite, isRoot, objectTypes } from '../introspection.ts';

/**
 * How `InMemoryCache` of Apollo Client keeps a schema of statewire: states and all
 * that has an `id` as entities; diffs and answers, which have none, as parts of
 * what they are in. Lists and objects are replaced by those that come: the server
 * sends them whole, and a list that got shorter is no loss.
 *
 * @param introspection what GraphQL Code Generator's `introspection` plugin has written.
 */
export function typePolicies(introspection: Introspection): TypePolicies {
  const policies: TypePolicies = {};
  for (const type of objectTypes(introspection)) {
    const replaced = (type.fields ?? []).filter((field) => isComposite(field.type));
    policies[type.name] = {
      ...(hasId(type) || isRoot(type, introspection) ? {} : { keyFields: false as const }),
      fields: Object.fromEntries(replaced.map(({ name }) => [name, { merge: false as const }])),
    };
  }
  return policies;
}

/** The members of interfaces and unions, for fragments on them. */
export function possibleTypes({ __schema }: Introspection): Record<string, string[]> {
  return Object.fromEntries(
    __schema.types
      .filter(({ kind }) => kind === 'INTERFACE' || kind === 'UNION')
      .map((type) => [type.name, (type.possibleTypes ?? []).map(({ name }) => name)]),
  );
}
