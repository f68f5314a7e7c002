import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
} from 'graphql';
import type { Random } from './random.ts';

export interface RandomOperation {
  readonly text: string;
  readonly document: DocumentNode;
}

/** Some fragments and variables are for nothing, and graphql reads conditions of a subscription too early. */
const without = [NoUnusedFragmentsRule, NoUnusedVariablesRule, SingleFieldSubscriptionsRule];
const rules = specifiedRules.filter((rule) => !without.includes(rule));

/** A valid operation, with fragments, aliases, conditions, arguments and fields that are merged; null if the attempt failed. */
export function randomOperation(
  schema: GraphQLSchema,
  kind: 'query' | 'mutation' | 'subscription',
  random: Random,
): RandomOperation | null {
  const writer = new DocumentWriter(schema, random);
  const text = writer.operation(kind);
  const document = parse(text);
  return validate(schema, document, rules).length === 0 ? { text, document } : null;
}

const variables = `$yes: Boolean!, $no: Boolean! = false, $maybe: Boolean = true,
  $int: Int, $int2: Int = 7, $text: String, $word: Word, $words: [Word!] = [RED], $filter: Filter`;

/** Values of the variables, now and then wrong ones. */
export function randomVariables(random: Random): Record<string, unknown> {
  const values: Record<string, unknown> = {
    yes: random.once(2),
    no: random.once(2),
    int: random.below(9),
    text: 'text',
    word: 'GREEN',
    filter: { least: 1, words: ['RED'] },
  };
  if (random.once(3)) values['int2'] = random.pick([null, 3]);
  if (random.once(3)) delete values['int'];
  if (random.once(3)) delete values['filter'];
  if (random.once(4)) values['maybe'] = random.pick([true, false]);
  if (random.once(20)) values['maybe'] = null;
  if (random.once(12)) values['yes'] = random.pick([null, 'no', undefined]);
  if (random.once(12)) values['word'] = random.pick(['BLUE', 5]);
  if (random.once(12)) values['filter'] = { least: 'x', other: 1 };
  return values;
}

class DocumentWriter {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #fragments: string[] = [];
  #written = 0;
  readonly #names: { readonly name: string; readonly type: GraphQLNamedType }[] = [];
  /** By type, field and alias: what has the same key must have the same arguments. */
  readonly #arguments = new Map<string, string>();

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
  }

  operation(kind: 'query' | 'mutation' | 'subscription'): string {
    const { Query, Mutation, Subscription } = {
      Query: this.#schema.getQueryType(),
      Mutation: this.#schema.getMutationType(),
      Subscription: this.#schema.getSubscriptionType(),
    };
    const root = { query: Query, mutation: Mutation, subscription: Subscription }[kind];
    if (!root) throw new TypeError(`Expected a schema with a ${kind}.`);
    const selection =
      kind === 'subscription'
        ? `{ ${this.#field(root, this.#random.pick(Object.values(root.getFields())), 5)} }`
        : this.#selection(root, 4);
    return [`${kind} Operation(${variables}) ${selection}`, ...this.#fragments].join('\n');
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const parts = Array.from({ length: 1 + this.#random.below(4) }, () => this.#part(type, depth));
    return `{ ${parts.join(' ')} }`;
  }

  #part(type: GraphQLNamedType, depth: number): string {
    const random = this.#random;
    const choice = depth > 0 ? random.below(10) : 9;
    if (choice === 0) return `__typename${this.#condition()}`;
    if (choice === 1) {
      const inner = random.once(2) ? type : this.#related(type);
      const on = inner === type && random.once(2) ? '' : ` on ${inner.name}`;
      return `...${on}${this.#condition()} ${this.#selection(inner, depth - 1)}`;
    }
    if (choice <= 3) return `...${this.#fragment(this.#related(type), depth)}${this.#condition()}`;
    const fields = 'getFields' in type && !isInputObjectType(type) ? type.getFields() : {};
    const possible = Object.values(fields as Record<string, GraphQLField<unknown, unknown>>).filter(
      (field) => depth > 0 || isLeafType(getNamedType(field.type)),
    );
    return possible.length === 0 ? '__typename' : this.#field(type, random.pick(possible), depth);
  }

  #field(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#random.pick(['', '', '', 'a', 'b', '__proto__']);
    const key = alias === '' ? field.name : `${alias}${alias === '__proto__' ? '' : field.name}`;
    const place = `${type.name}.${field.name}.${alias}`;
    const known = this.#arguments.get(place);
    const args = known ?? this.#argumentsOf(field);
    this.#arguments.set(place, args);
    const inner = getNamedType(field.type);
    const selection = isLeafType(inner) ? '' : ` ${this.#selection(inner, depth - 1)}`;
    return `${key === field.name ? '' : `${key}: `}${field.name}${args}${this.#condition()}${selection}`;
  }

  #condition(): string {
    return this.#random.pick([
      ...Array.from({ length: 14 }, () => ''),
      ' @include(if: $yes)',
      ' @skip(if: $no)',
      ' @skip(if: $maybe)',
      ' @include(if: true)',
      ' @skip(if: true)',
      ' @include(if: $no) @skip(if: $yes)',
      this.#schema.getDirective('noted') ? ' @noted(by: "me")' : '',
    ]);
  }

  #fragment(type: GraphQLNamedType, depth: number): string {
    const known = this.#names.filter((each) => each.type === type);
    if (known.length > 0 && this.#random.once(2)) return this.#random.pick(known).name;
    this.#written += 1;
    const name = `F${this.#written}`;
    const text = `fragment ${name} on ${type.name} ${this.#selection(type, depth - 1)}`;
    this.#fragments.push(text);
    // Known only when it is written: no fragment is in itself.
    this.#names.push({ name, type });
    return name;
  }

  /** A type that an object of the given type may have too. */
  #related(type: GraphQLNamedType): GraphQLNamedType {
    const unions = Object.values(this.#schema.getTypeMap()).filter(isUnionType);
    const related: GraphQLNamedType[] = [type];
    if (isAbstractType(type)) related.push(...this.#schema.getPossibleTypes(type));
    if (isObjectType(type) || isInterfaceType(type)) related.push(...type.getInterfaces());
    if (isObjectType(type)) related.push(...unions.filter((u) => u.getTypes().includes(type)));
    return this.#random.pick(related);
  }

  #argumentsOf({ args }: GraphQLField<unknown, unknown>): string {
    const given = args.flatMap((argument) => this.#argument(argument) ?? []);
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  #argument({ name, type, defaultValue }: GraphQLArgument): string | null {
    const isRequired = isNonNullType(type) && defaultValue === undefined;
    if (!isRequired && this.#random.once(3)) return null;
    return `${name}: ${this.#value(type)}`;
  }

  #value(type: GraphQLInputType): string {
    const random = this.#random;
    if (isNonNullType(type)) return this.#literal(type.ofType);
    if (random.once(8)) return 'null';
    const variable = { Int: '$int', String: '$text', Word: '$word', Filter: '$filter' }[
      String(type)
    ];
    if (String(type) === 'Int' && random.once(3)) return '$int2';
    if (String(type) === '[Word!]' && random.once(2)) return '$words';
    return variable && random.once(2) ? variable : this.#literal(type);
  }

  #literal(type: GraphQLInputType): string {
    const random = this.#random;
    if (isNonNullType(type)) return this.#literal(type.ofType);
    if (isListType(type)) return `[${this.#literal(type.ofType)}]`;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      return `{ ${fields.map((field) => `${field.name}: ${this.#value(field.type)}`).join(', ')} }`;
    }
    if (type.name === 'Int' || type.name === 'Float') return String(random.below(9));
    return type.name === 'Boolean' ? 'true' : '"text"';
  }
}
