import {
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from 'graphql';
import { isPure } from '../../../resolvers/pure-resolvers.ts';
import { deltaExtension } from '../../../schema/define-state.ts';
import { type ConditionValues, collectFields, type FieldNodes } from './collect-fields.ts';
import { fieldDefinition } from './field-definition.ts';
import type { OperationParts } from './operation-parts.ts';
import { AbstractOutput } from './outputs/abstract-output.ts';
import { LeafOutput } from './outputs/leaf-output.ts';
import { ListOutput } from './outputs/list-output.ts';
import { NonNullOutput } from './outputs/non-null-output.ts';
import { ObjectOutput } from './outputs/object-output.ts';
import type { FieldPlan, Output, SelectedField, SelectionPlan } from './plan.ts';
import { PureAbstract } from './pure/pure-abstract.ts';
import { PureLeaf } from './pure/pure-leaf.ts';
import { PureList } from './pure/pure-list.ts';
import { type PureField, PureObject, PureObjectOutput } from './pure/pure-object.ts';
import type { PureOutput } from './pure/pure-output.ts';
import { pureReader, sourceReader } from './pure/pure-reader.ts';
import { argumentReader } from './read-arguments.ts';
import { serializerOf } from './serializer.ts';

interface PlannedField extends SelectedField {
  readonly nodes: FieldNodes;
}

/** How a field's value is completed: the general way, and the pure one if there is one. */
interface Ways {
  readonly general: Output;
  readonly pure: PureOutput | null;
}

/** Plans an operation for given values of the variables in `@skip` and `@include`. */
export class Planner {
  /** Whether something that was planned can be reused, since it may be a part of a snapshot. */
  reuses = false;
  readonly #parts: OperationParts;
  readonly #conditions: ConditionValues;

  /** Without values all is planned that could be selected. */
  constructor(parts: OperationParts, conditions: ConditionValues) {
    this.#parts = parts;
    this.#conditions = conditions;
  }

  /** What several selection sets, of several nodes of one field, select on a type. */
  select(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): SelectionPlan {
    const context = { ...this.#parts, conditions: this.#conditions };
    const fields: FieldPlan[] = [];
    const readers: (PureField | null)[] = [];
    for (const [key, nodes] of collectFields(context, type, sets)) {
      const definition = fieldDefinition(this.#parts.schema, type, nodes[0].name.value);
      // Validation refuses it; graphql-js leaves it out.
      if (!definition) continue;
      const field = { key, nodes, definition, parentType: type };
      const ways = this.#waysOf(definition.type, field);
      fields.push(this.#planField(field, ways.general));
      const read = pureReader(this.#parts, field);
      const isLeaf = ways.pure instanceof PureLeaf;
      readers.push(read && ways.pure ? { key, read, output: ways.pure, isLeaf } : null);
    }
    const createResult = resultFactory(fields);
    const pureFields = readers.includes(null)
      ? null
      : new PureObject(readers as PureField[], createResult);
    const pure = type.isTypeOf ? null : pureFields;
    return { type, fields, createResult, pureFields, pure };
  }

  #planField(field: PlannedField, output: Output): FieldPlan {
    const { key, definition, nodes, parentType } = field;
    return {
      ...{ key, definition, nodes, parentType, output },
      isNonNull: isNonNullType(definition.type),
      readArguments: argumentReader(definition, nodes[0]),
      read: output.needsInfo ? null : sourceReader(this.#parts, field),
    };
  }

  #waysOf(type: GraphQLOutputType, field: PlannedField): Ways {
    if (!isNonNullType(type)) return this.#nullableWaysOf(type, field, true);
    const { general, pure } = this.#nullableWaysOf(type.ofType, field, false);
    return { general: new NonNullOutput(general, field), pure };
  }

  #nullableWaysOf(type: GraphQLOutputType, field: PlannedField, isNullable: boolean): Ways {
    if (isListType(type)) {
      const item = this.#waysOf(type.ofType, field);
      const pure = item.pure && new PureList(item.pure, isNullable);
      if (pure && !(item.pure instanceof PureLeaf)) this.reuses = true;
      return { general: new ListOutput(item.general, pure, field), pure };
    }
    if (isLeafType(type)) return leafWays(type, isNullable);
    const select = (runtimeType: GraphQLObjectType) =>
      this.select(runtimeType, selectionSetsOf(field.nodes));
    if (isAbstractType(type)) {
      // It depends on the types that will come.
      this.reuses = true;
      const pure = this.#pureAbstract(type, select, isNullable);
      return { general: new AbstractOutput(type, select, field), pure };
    }
    const selection = select(type as GraphQLObjectType);
    if (selection.pure && !isPayloadType(selection.type)) this.reuses = true;
    return {
      general: new ObjectOutput(selection, field),
      pure: selection.pure && new PureObjectOutput(selection.pure, isNullable),
    };
  }

  /** Null unless all that it may be is pure, and so is the way to find out what it is. */
  #pureAbstract(
    type: GraphQLAbstractType,
    select: (type: GraphQLObjectType) => SelectionPlan,
    isNullable: boolean,
  ): PureOutput | null {
    const { resolveType } = type;
    if (!resolveType || !isPure(resolveType)) return null;
    const selections = new Map<string, PureObject>();
    for (const possible of this.#parts.schema.getPossibleTypes(type)) {
      const { pure } = select(possible);
      if (!pure) return null;
      selections.set(possible.name, pure);
    }
    return new PureAbstract(resolveType as (payload: object) => unknown, selections, isNullable);
  }
}

function leafWays(type: GraphQLLeafType, isNullable: boolean): Ways {
  const serialize = serializerOf(type);
  return { general: new LeafOutput(type, serialize), pure: new PureLeaf(serialize, isNullable) };
}

/** Types of states and their diffs: what they are made of is new for each event. */
function isPayloadType(type: GraphQLObjectType): boolean {
  if (type.extensions[deltaExtension]) return true;
  return type.getInterfaces().some(({ name }) => name === 'State' || name === 'StateDiff');
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

/**
 * Results are plain objects, which JSON.stringify writes twice as fast as those without
 * a prototype. Where a field would set the prototype, they have none.
 */
function resultFactory(fields: readonly FieldPlan[]): () => Record<string, unknown> {
  return fields.some(({ key }) => key === '__proto__') ? () => Object.create(null) : () => ({});
}
