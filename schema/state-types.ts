import type { InputFieldMap, InputShapeFromFields, SchemaTypes, TypeParam } from '@pothos/core';
import type { OnLimit, StateReference, StateShape, TaskExit } from '../src/state/definitions.ts';
import type { BoundEvent, EventReference } from '../src/state/event-reference.ts';
import type {
  BackgroundHandler,
  ComputedSource,
  EventHandler,
  HandlerResult,
  StateDraft,
} from '../src/state/handler-types.ts';
import type { ReservedName } from '../src/state/reserved-names.ts';
import type { ComputedBuilder, StateParent, ValuesOf, VarBuilder, VarMap } from './var-types.ts';

/** Backend vars by name. Reserved names do not compile. */
export type BackendVars = object & {
  readonly [Name in ReservedName]?: `Choose another name: every state has a member "${Name}".`;
};

/** All options that Pothos and its plugins know for an object type: they go to the state's type and to its delta. */
type TypeOptions<Types extends SchemaTypes> = Omit<
  PothosSchemaTypes.ObjectTypeOptions<Types, StateParent>,
  'name' | 'description' | 'fields' | 'interfaces' | 'isTypeOf'
>;

export type StateOptions<
  Types extends SchemaTypes,
  Vars extends VarMap,
  Backend extends BackendVars,
  Computed extends VarMap,
  Parent extends StateShape | null,
> = TypeOptions<Types> & StateParts<Types, Vars, Backend, Computed, Parent>;

interface StateParts<
  Types extends SchemaTypes,
  Vars extends VarMap,
  Backend extends BackendVars,
  Computed extends VarMap,
  Parent extends StateShape | null,
> {
  readonly description?: string;
  /** Another state, at hand in handlers and computed vars of this one as `parent`. */
  readonly parent?: StateReference<NonNullable<Parent>>;
  /** What the client sees and events write. At least one. */
  readonly vars: (t: VarBuilder<Types>) => Vars;
  /** What only the server sees: never in the schema, never in a diff. Called for each new state. */
  readonly backend?: () => Backend;
  /**
   * Called for each token whose stored values do not fit these vars: one is
   * missing, unknown, or not of its type. Gets all that is stored, frozen, and
   * returns the values it can make of it. Vars that it leaves out keep what is stored
   * if that fits, or take their defaults. One that throws, or returns what does not
   * fit, changes nothing: the token fails until it is mended. Must not be async.
   */
  readonly migrate?: (
    stored: Readonly<Record<string, unknown>>,
  ) => Partial<ValuesOf<NoInfer<Vars>>> & Partial<NoInfer<Backend>>;
  /** What follows from the vars. */
  readonly computed?: (
    t: ComputedBuilder<Types, ComputedSource<ShapeOf<Vars, Backend, object, Parent>>>,
  ) => Computed;
}

/** The shape of a state, from the parts of its definition. */
export interface ShapeOf<Vars, Backend extends object, Computed, Parent extends StateShape | null>
  extends StateShape {
  readonly vars: ValuesOf<Vars>;
  readonly backend: Backend;
  readonly computed: ValuesOf<Computed>;
  readonly parent: Parent;
}

/** All options that Pothos and its plugins know for a mutation, but those that follow from the event. */
type MutationOptions<Types extends SchemaTypes, Args extends InputFieldMap> = Omit<
  PothosSchemaTypes.MutationFieldOptions<Types, TypeParam<Types>, boolean, Args, unknown>,
  'type' | 'args' | 'nullable' | 'resolve'
>;

export type EventOptions<Types extends SchemaTypes, Args extends InputFieldMap> = MutationOptions<
  Types,
  Args
> & {
  /** The arguments of the mutation, beside `token`. */
  readonly args?: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'Arg'>) => Args;
  /** The mutation's name; `${state}${Event}` by default. */
  readonly fieldName?: string;
  /** Begins also if the task that has triggered it is cancelled before. Default: false, it is then cancelled too. */
  readonly detached?: boolean;
};

/** How many tasks of a background event may run at once. */
export interface ConcurrencyOptions<Args extends InputFieldMap> {
  /** 1 or more. */
  readonly limit: number;
  /** Whether the tasks of one token count (the default), or those of all tokens, on all nodes of the store. */
  readonly scope?: 'token' | 'app';
  /** Tasks whose keys differ do not count together. Gets the arguments, and `self.context`. */
  readonly key?: (args: InputShapeFromFields<Args>, context: unknown) => string;
  /**
   * What becomes of one task too many: it waits for its turn, first come, first served
   * (`queue`, the default); it fails with a {@link ConcurrencyLimitError} (`reject`); or
   * the oldest ones are cancelled for it (`replace`).
   */
  readonly onLimit?: OnLimit;
}

/** How a durable task is tried again. */
export interface DurableOptions {
  /** How many attempts may fail until the task has failed. One that is interrupted has not. Default: 3. */
  readonly attempts?: number;
  /** How long to wait after the first failure, in ms; twice as long after each other one, up to 5 minutes. Default: 1,000. */
  readonly backoffMs?: number;
}

export type BackgroundOptions<
  Types extends SchemaTypes,
  Shape extends StateShape,
  Args extends InputFieldMap,
  Durable extends boolean | DurableOptions = false,
> = EventOptions<Types, Args> & {
  /**
   * Its tasks survive their process: each is stored in the commit that triggers it, and
   * run until it ends, again by another process, or after a restart, if one fails or is
   * gone. What attempts do to the state happens once, see {@link DurableSelf}; what they
   * do elsewhere may happen twice. Needs a store that keeps them, and arguments and a
   * `taskContext` that a state could hold. Default: false.
   */
  readonly durable?: Durable;
  /** Keeps the event out of the schema: only other handlers start it. */
  readonly internal?: boolean;
  /** How many of its tasks may run at once. Default: any number. */
  readonly concurrency?: ConcurrencyOptions<Args>;
  /** How long a task may run, in ms, before it fails with a {@link TaskTimeoutError}. Its wait for its turn does not count. Default: as long as it takes. */
  readonly timeoutMs?: number;
  /** `'disconnect'`: a task is cancelled when its token has had no subscriber for `graceMs`. Default: it goes on. */
  readonly cancelOn?: 'disconnect';
  /** For how long, in ms, the last subscriber may be away, see `cancelOn`. Default: 5,000. */
  readonly graceMs?: number;
  /** Runs once after the task has ended, for whatever reason, in a commit of its own. */
  readonly onExit?: (
    state: StateDraft<Shape>,
    exit: TaskExit,
  ) => HandlerResult | Promise<HandlerResult>;
};

/** An event without required arguments can be returned as it is; others need `.with(args)`. */
export type EventRef<Args extends object> = EventReference<Args> &
  (Record<never, never> extends Args ? BoundEvent : unknown);

export interface EventBuilder<Shape extends StateShape, Args extends InputFieldMap, Context> {
  /** Sets what the event does. */
  resolve(
    handler: EventHandler<Shape, InputShapeFromFields<Args>, Context>,
  ): EventRef<InputShapeFromFields<Args>>;
}

export interface BackgroundBuilder<
  Shape extends StateShape,
  Args extends InputFieldMap,
  Durable extends boolean | DurableOptions = false,
> {
  /** Sets what the task does. */
  resolve(
    handler: BackgroundHandler<Shape, InputShapeFromFields<Args>, Durable>,
  ): EventRef<InputShapeFromFields<Args>>;
}

/** What runs by itself when clients come and go: an event without arguments. */
export type LifecycleHandler<Shape extends StateShape, Context> = EventHandler<
  Shape,
  Record<never, never>,
  Context
>;
