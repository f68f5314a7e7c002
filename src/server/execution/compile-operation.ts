import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { isObject } from '../../values/plain.ts';
import { Execution } from './execution.ts';
import { isGraphQL16 } from './graphql-version.ts';
import { type OperationParts, readOperation } from './operation-parts.ts';
import type { SelectionPlan, Variables } from './plan.ts';
import { Planner } from './planner.ts';
import { enterUnlessAbandoned } from './pure/pure-output.ts';
import { variablesReader } from './read-variables.ts';
import { isTrustedSource } from './trusted-source.ts';

export interface OperationArgs {
  /** Of a subscription: the event. */
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** As the client has sent them. */
  readonly variableValues: Variables | null | undefined;
  /**
   * The result before this one, with the same variables: parts that were made of the
   * same parts of a snapshot are the same objects in both. Is only read.
   */
  readonly previous?: ExecutionResult | null | undefined;
}

/** An operation that is ready to be executed any number of times. */
export interface CompiledOperation {
  /**
   * What `execute` of graphql gives; of a subscription what it gives for one event.
   * Results are not to be changed by anybody, since the next ones may share their parts.
   */
  execute(args: OperationArgs): ExecutionResult | Promise<ExecutionResult>;
  /** Whether the result depends on the root value and the variables alone, whatever the context is. */
  readonly isPure: boolean;
  /** Whether a previous result can be of use. */
  readonly reuses: boolean;
}

/** Null if graphql-js must execute it, or say what is wrong with it. */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): CompiledOperation | null {
  const parts = readOperation(schema, document, operationName);
  if (!parts) return null;
  const planner = new Planner(parts, null);
  const isPure = planner.select(parts.rootType, [parts.operation.selectionSet]).pure !== null;
  // What else graphql 17 gives to resolvers, its signals for instance, is not made here.
  if (!isPure && !isGraphQL16) return null;
  return new PlannedOperation(parts, { isPure, reuses: planner.reuses, document });
}

/** Plans are kept for this many combinations of the variables in `@skip` and `@include`. */
const maxPlans = 64;

interface PlannedTraits {
  readonly isPure: boolean;
  readonly reuses: boolean;
  readonly document: DocumentNode;
}

class PlannedOperation implements CompiledOperation {
  readonly isPure: boolean;
  readonly reuses: boolean;
  readonly #parts: OperationParts;
  readonly #document: DocumentNode;
  readonly #readVariables: ReturnType<typeof variablesReader>;
  readonly #plans = new Map<string, SelectionPlan>();
  /** The only one there is if no variable decides what is selected. */
  #onlyPlan: SelectionPlan | null = null;
  /** The plans of pure operations by the variables that clients have sent, which then need no second look. */
  readonly #known = new WeakMap<Variables, SelectionPlan>();

  constructor(parts: OperationParts, { isPure, reuses, document }: PlannedTraits) {
    this.#parts = parts;
    this.#document = document;
    this.#readVariables = variablesReader(parts.schema, parts.operation);
    this.isPure = isPure;
    this.reuses = reuses;
  }

  execute(args: OperationArgs): ExecutionResult | Promise<ExecutionResult> {
    const { variableValues: inputs } = args;
    const known = this.isPure && isObject(inputs) ? this.#known.get(inputs) : undefined;
    if (known) return this.#executePure(known, args) ?? this.#executeElsewhere(args);
    if (inputs && !isObject(inputs)) return this.#executeElsewhere(args);
    const variables = this.#readVariables(inputs ?? {});
    if ('errors' in variables) return variables;
    const plan = this.#planFor(variables.values);
    if (!plan) return this.#executeElsewhere(args);
    if (this.isPure && inputs) this.#known.set(inputs, plan);
    const result = plan.pure && this.#executePure(plan, args);
    if (result) return result;
    if (!isGraphQL16) return this.#executeElsewhere(args);
    const { rootValue, contextValue, previous } = args;
    const scope = { parts: this.#parts, rootValue, contextValue, variableValues: variables.values };
    return new Execution(scope).run(plan, previous?.data);
  }

  #executePure(
    { pure }: SelectionPlan,
    { rootValue, previous }: OperationArgs,
  ): ExecutionResult | undefined {
    if (!pure || !isTrustedSource(rootValue)) return undefined;
    const data = enterUnlessAbandoned(pure, rootValue, previous?.data);
    return data === undefined ? undefined : { data: data as ExecutionResult['data'] };
  }

  /** What the plan does not know; of a pure operation also every error. */
  #executeElsewhere({ rootValue, contextValue, variableValues }: OperationArgs) {
    return execute({
      schema: this.#parts.schema,
      document: this.#document,
      operationName: this.#parts.operation.name?.value,
      rootValue,
      contextValue,
      variableValues,
    });
  }

  /** Null if a condition is none, which is an error. */
  #planFor(variables: Variables): SelectionPlan | null {
    if (this.#parts.conditions.length > 0) return this.#conditionalPlan(variables);
    this.#onlyPlan ??= this.#plan(new Map());
    return this.#onlyPlan;
  }

  #conditionalPlan(variables: Variables): SelectionPlan | null {
    const conditions = new Map<string, boolean>();
    let id = '';
    for (const name of this.#parts.conditions) {
      const value = variables[name];
      if (typeof value !== 'boolean') return null;
      conditions.set(name, value);
      id += value ? '1' : '0';
    }
    const known = this.#plans.get(id);
    if (known) return known;
    const plan = this.#plan(conditions);
    if (this.#plans.size < maxPlans) this.#plans.set(id, plan);
    return plan;
  }

  #plan(conditions: ReadonlyMap<string, boolean>): SelectionPlan {
    const { rootType, operation } = this.#parts;
    return new Planner(this.#parts, conditions).select(rootType, [operation.selectionSet]);
  }
}
