import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  TypeNameMetaFieldDef,
} from 'graphql';
import { isPure } from '../../../../resolvers/pure-resolvers.ts';
import type { OperationParts } from '../operation-parts.ts';
import type { PureField } from './pure-object.ts';
import { abandon } from './pure-output.ts';
import { areArgumentsSafe } from './safe-arguments.ts';

/**
 * Reads the value of a field from its source alone; null if its resolver may look at more.
 * For sources that {@link isTrustedSource} has let in: no getter of a user's may run.
 */
export function pureReader(
  { schema, operation }: Pick<OperationParts, 'schema' | 'operation'>,
  type: GraphQLObjectType,
  {
    definition,
    node,
  }: { readonly definition: GraphQLField<unknown, unknown>; readonly node: FieldNode },
): PureField['read'] | null {
  const { name, resolve } = definition;
  if (name === TypeNameMetaFieldDef.name) return () => type.name;
  if (!areArgumentsSafe(definition, node, operation)) return null;
  if (resolve && isPure(resolve)) return resolve as PureField['read'];
  if (resolve && resolve !== defaultFieldResolver) return null;
  // What a user's subscription yields is no source of ours.
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.includes(type) ? null : propertyReader(name);
}

function propertyReader(name: string): PureField['read'] {
  return (source) => {
    const value = (source as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'function' ? abandon() : value;
  };
}
