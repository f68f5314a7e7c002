import {
  buildSchema,
  GraphQLError,
  type GraphQLList,
  type GraphQLNonNull,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  responsePathAsArray,
} from 'graphql';
import { Random } from './random.ts';

const definition = /* GraphQL */ `
  directive @noted(by: String) on FIELD | INLINE_FRAGMENT | FRAGMENT_SPREAD
  scalar Odd
  enum Word { RED GREEN }
  input Filter { least: Int = 2, words: [Word!] }
  interface Named { name: String!, friends(first: Int = 3): [Named] }
  interface Aged implements Named { name: String!, friends(first: Int = 3): [Named], age: Int! }
  type Cat implements Named & Aged {
    name: String! friends(first: Int = 3): [Named] age: Int! word: Word odd: Odd
    kittens(filter: Filter, words: [Word!]): [Cat!]! other: Pet
  }
  type Dog implements Named {
    name: String! friends(first: Int = 3): [Named] grid: [[Int!]] barks: [Boolean!]! owner: Person!
  }
  type Person { id: ID! name(text: String, word: Word = RED): String! pets: [Pet!] best: Pet! weight: Float self: Person odds: [Odd!] }
  union Pet = Cat | Dog
  type Query {
    person(int: Int!): Person named(filter: Filter): Named pets: [Pet] pet: Pet! cat: Cat dogs: [Dog!]! n: Int!
  }
  type Mutation { one(int: Int): Int! two: Person three: Pet }
  type Subscription { person: Person }
`;

/** What resolvers were called with, in order. */
type Trace = string[];

export interface HandMadeContext {
  readonly seed: number;
  readonly trace: Trace;
}

type Info = GraphQLResolveInfo;

/**
 * A schema in which everything that can happen to a field does: what a resolver gives
 * follows from the seed and its path. `wrong` is how many times as often as not it is right.
 */
export function handMadeSchema(): GraphQLSchema {
  const schema = buildSchema(definition);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        // The rest is read by the default resolver.
        if (field.name !== 'weight') field.resolve = resolve;
      }
    }
    if (isAbstractType(type)) type.resolveType = type.name === 'Named' ? undefined : resolveType;
    if (type.name === 'Cat' || type.name === 'Dog') {
      Object.assign(type, { isTypeOf: type.name === 'Cat' ? isCat : isDog });
    }
    if (isScalarType(type) && type.name === 'Odd') type.serialize = serializeOdd;
  }
  return schema;
}

function resolve(source: unknown, args: unknown, context: HandMadeContext, info: Info): unknown {
  const path = responsePathAsArray(info.path).join('.');
  context.trace.push(`${info.parentType}.${info.fieldName} at ${path} ${JSON.stringify(args)}`);
  const random = new Random(`${context.seed} ${path} ${JSON.stringify(args)} ${typeof source}`);
  return happen(info.returnType, random);
}

/** What a resolver does with its value. */
function happen(type: GraphQLOutputType, random: Random): unknown {
  switch (random.below(24)) {
    case 0:
      throw new Error(`thrown ${random.below(99)}`);
    case 1:
      return Promise.reject(
        new GraphQLError('rejected', { extensions: { code: random.below(9) } }),
      );
    case 2:
      return new TypeError('given back');
    case 3:
      return random.pick([null, undefined]);
    case 4:
      return Promise.resolve(random.pick([null, undefined, new Error('given later')]));
    case 5:
      throw 'no error';
    case 6:
    case 7:
    case 8:
      return later(sample(type, random), random.below(3));
    default:
      return sample(type, random);
  }
}

/** After so many turns of the microtask queue. */
async function later(value: unknown, turns: number): Promise<unknown> {
  for (let turn = 0; turn < turns; turn += 1) await null;
  return value;
}

function sample(type: GraphQLOutputType, random: Random): unknown {
  const inner = isNonNullType(type) ? (type as GraphQLNonNull<never>).ofType : type;
  if (random.once(30)) return random.pick([{}, 'text', 1e99, [], [null], new Map([[1, 2]])]);
  if (isListType(inner)) {
    const of = (inner as GraphQLList<GraphQLOutputType>).ofType;
    const items = Array.from({ length: random.below(4) }, () => itemOf(of, random));
    return random.pick([items, items, items, new Set(items), iterate(items)]);
  }
  if (isEnumType(inner)) return random.pick(['RED', 'GREEN']);
  if (isLeafType(inner)) return random.pick(leaves[(inner as { name: string }).name] ?? [1]);
  return {
    species: random.pick(['Cat', 'Dog', 'Cat', 'Dog', 'Nobody', 'Person', 'Word', 5, null]),
    turns: random.pick([0, 0, 0, 1, 2]),
    ...(random.once(3) ? { __typename: random.pick(['Cat', 'Dog', 'Person']) } : {}),
    weight: random.pick([
      1,
      'heavy',
      (_args: unknown, _context: unknown, info: Info) => info.path.key.toString().length,
    ]),
  };
}

function itemOf(type: GraphQLOutputType, random: Random): unknown {
  const item = happenToItem(type, random);
  // One that nobody asks for must not end the process.
  if (item instanceof Promise) item.catch(() => {});
  return item;
}

function happenToItem(type: GraphQLOutputType, random: Random): unknown {
  if (random.once(12)) return random.pick([null, undefined, new Error('an item')]);
  if (random.once(12)) return Promise.reject(new Error('a later item'));
  const value = sample(type, random);
  return random.once(6) ? later(value, random.below(3)) : value;
}

function* iterate(items: readonly unknown[]): Generator<unknown> {
  yield* items;
}

const leaves: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 2, '3', true, 2 ** 40, 1.5],
  Float: [1.5, 2, '2.5', Number.NaN],
  String: ['text', 5, true, { toString: () => 'object' }],
  ID: ['id', 7, 1.5],
  Boolean: [true, false, 1, 'yes'],
  Odd: ['odd', null, 'throw', 'null', 'list', 'later'],
};

function serializeOdd(value: unknown): unknown {
  switch (value) {
    case 'throw':
      throw new GraphQLError('It is too odd.');
    case 'null':
      return null;
    case 'list':
      return [value];
    case 'later':
      return Promise.resolve('late');
    default:
      return value;
  }
}

interface Animal {
  readonly species?: unknown;
  readonly turns?: number;
}

function resolveType({ species, turns = 0 }: Animal): never {
  return (turns > 0 ? later(species, turns) : species) as never;
}

function isCat({ species, turns = 0 }: Animal): boolean | Promise<boolean> {
  const is = species === 'Cat';
  return turns > 1 ? (later(is, turns) as Promise<boolean>) : is;
}

function isDog({ species }: Animal): boolean {
  if (species === 5) throw new Error('That is no animal.');
  return species !== 'Cat';
}
