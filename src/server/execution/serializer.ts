import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';

type Serialize = (value: unknown) => unknown;

/** What makes a value of a leaf type one of a result: `serialize`, in graphql 17 `coerceOutputValue`. */
export function serializerOf(type: GraphQLLeafType): Serialize {
  const serialize = functionOf(type).bind(type);
  const known = shortcuts.find(([scalar]) => functionOf(scalar) === functionOf(type));
  if (!known) return serialize;
  const [, isSame] = known;
  return (value) => (isSame(value) ? value : serialize(value));
}

function functionOf(type: GraphQLLeafType): Serialize {
  return (type as { readonly coerceOutputValue?: Serialize }).coerceOutputValue ?? type.serialize;
}

const maxInt = 2 ** 31;

/** The scalars of GraphQL itself, with the values that they leave as they are. */
const shortcuts: readonly (readonly [GraphQLScalarType, (value: unknown) => boolean])[] = [
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLFloat, (value) => Number.isFinite(value)],
  [
    GraphQLInt,
    (value) =>
      Number.isInteger(value) && (value as number) < maxInt && (value as number) >= -maxInt,
  ],
];
