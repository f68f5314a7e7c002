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
  const [, shortcutOf] = known;
  return shortcutOf(serialize);
}

function functionOf(type: GraphQLLeafType): Serialize {
  return (type as { readonly coerceOutputValue?: Serialize }).coerceOutputValue ?? type.serialize;
}

const maxInt = 2 ** 31;

type ShortcutOf = (serialize: Serialize) => Serialize;

const unlessString: ShortcutOf = (serialize) => (value) =>
  typeof value === 'string' ? value : serialize(value);

/** The scalars of GraphQL itself, with what leaves the values as they are that they would leave so. */
const shortcuts: readonly (readonly [GraphQLScalarType, ShortcutOf])[] = [
  [GraphQLString, unlessString],
  [GraphQLID, unlessString],
  [
    GraphQLBoolean,
    (serialize) => (value) => (typeof value === 'boolean' ? value : serialize(value)),
  ],
  [GraphQLFloat, (serialize) => (value) => (Number.isFinite(value) ? value : serialize(value))],
  [GraphQLInt, (serialize) => (value) => (isInt(value) ? value : serialize(value))],
];

function isInt(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) < maxInt && (value as number) >= -maxInt;
}
