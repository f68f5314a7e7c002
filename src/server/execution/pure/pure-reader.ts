import { defaultFieldResolver, TypeNameMetaFieldDef } from 'graphql';
import { isPure } from '../../../../resolvers/pure-resolvers.ts';
import type { OperationParts } from '../operation-parts.ts';
import type { SelectedField } from '../plan.ts';
import type { PureField } from './pure-object.ts';
import { abandon } from './pure-output.ts';
import { areArgumentsSafe } from './safe-arguments.ts';

type Parts = Pick<OperationParts, 'schema' | 'operation'>;

/**
 * Reads the value of a field from its source alone, whatever that is, as its resolver does;
 * null if that may look at more.
 */
export function sourceReader(
  { operation }: Parts,
  { definition, nodes, parentType }: SelectedField,
): PureField['read'] | null {
  const { name, resolve } = definition;
  if (name === TypeNameMetaFieldDef.name) return () => parentType.name;
  if (!resolve || !isPure(resolve)) return null;
  return areArgumentsSafe(definition, nodes, operation) ? (resolve as PureField['read']) : null;
}

/**
 * The same, also of fields without a resolver: for sources that {@link isTrustedSource} has
 * let in, since no getter of a user's may run.
 */
export function pureReader(parts: Parts, field: SelectedField): PureField['read'] | null {
  const read = sourceReader(parts, field);
  if (read) return read;
  const { definition, nodes, parentType } = field;
  const { name, resolve } = definition;
  if (resolve && resolve !== defaultFieldResolver) return null;
  if (!areArgumentsSafe(definition, nodes, parts.operation)) return null;
  // What a user's subscription yields is no source of ours.
  const { schema } = parts;
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.includes(parentType) ? null : propertyReader(name);
}

function propertyReader(name: string): PureField['read'] {
  return (source) => {
    const value = (source as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'function' ? abandon() : value;
  };
}
