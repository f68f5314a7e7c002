import * as fc from 'fast-check';

/** One step of a handler that holds the lock. */
export type Step =
  | { readonly do: 'append' | 'add' | 'subtract' | 'hide' | 'unhide' }
  | { readonly do: 'flush' | 'rollback' | 'wait' | 'fail' }
  | Follow;

/** Something to run after the next commit, triggered or yielded. */
interface Follow {
  readonly do: 'trigger' | 'yield';
  readonly what: Program;
}

export interface EventProgram {
  readonly kind: 'event';
  readonly steps: readonly Step[];
  readonly returns: readonly Program[];
}

export interface TaskProgram {
  readonly kind: 'task';
  readonly parts: readonly Part[];
  readonly returns: readonly Program[];
  readonly onExit: readonly Step[];
}

/** What a task does between two gates. Several locks are asked for at once, on one `self`. */
type Part = Locks | Follow | { readonly do: 'fail' };

interface Locks {
  readonly do: 'locks';
  readonly locks: readonly LockProgram[];
  /** Whether the task goes on after one of them failed. */
  readonly caught: boolean;
}

/** `modifyState`, or the block form `modify`. */
export interface LockProgram {
  readonly kind: 'modifyState' | 'modify';
  readonly steps: readonly Step[];
}

export type Program = EventProgram | TaskProgram;

/** What a test does from outside; `token` and `pick` are taken modulo what there is. */
export type Action =
  | { readonly do: 'ask'; readonly token: number; readonly asks: readonly Ask[] }
  | { readonly do: 'open'; readonly pick: number }
  | { readonly do: 'cancel'; readonly pick: number }
  | { readonly do: 'reconnect'; readonly token: number };

/** What the server asks for itself: `app.dispatch`, `app.modifyState` or `app.modify`. */
export type Ask = Program | LockProgram;

const simpleStep: fc.Arbitrary<Step> = fc
  .constantFrom(
    ...(['append', 'append', 'add', 'subtract', 'hide', 'unhide'] as const),
    ...(['flush', 'flush', 'rollback', 'wait', 'wait', 'fail'] as const),
  )
  .map((name) => ({ do: name }));

function steps(depth: number): fc.Arbitrary<readonly Step[]> {
  const step =
    depth === 0 ? simpleStep : fc.oneof({ weight: 4, arbitrary: simpleStep }, follow(depth));
  return fc.array(step, { maxLength: 6 });
}

function follow(depth: number): fc.Arbitrary<Follow> {
  return fc.record({ do: fc.constantFrom('trigger', 'yield'), what: program(depth - 1) });
}

function returns(depth: number): fc.Arbitrary<readonly Program[]> {
  return depth === 0 ? fc.constant([]) : fc.array(program(depth - 1), { maxLength: 2 });
}

function lockProgram(depth: number): fc.Arbitrary<LockProgram> {
  return fc.record({ kind: fc.constantFrom('modifyState', 'modify'), steps: steps(depth) });
}

function part(depth: number): fc.Arbitrary<Part> {
  const locks = fc.record({
    do: fc.constant('locks' as const),
    locks: fc.array(lockProgram(depth), { minLength: 1, maxLength: 3 }),
    caught: fc.boolean(),
  });
  const fail = fc.constant({ do: 'fail' as const });
  return fc.oneof(
    { weight: 6, arbitrary: locks },
    { weight: 1, arbitrary: fail },
    ...(depth === 0 ? [] : [{ weight: 2, arbitrary: follow(depth) }]),
  );
}

function program(depth: number): fc.Arbitrary<Program> {
  const event = fc.record({
    kind: fc.constant('event' as const),
    steps: steps(depth),
    returns: returns(depth),
  });
  const task = fc.record({
    kind: fc.constant('task' as const),
    parts: fc.array(part(depth), { maxLength: 3 }),
    returns: returns(depth),
    onExit: steps(0),
  });
  return fc.oneof(event, task);
}

const ask = fc.oneof(
  { weight: 3, arbitrary: program(2) },
  { weight: 1, arbitrary: lockProgram(2) },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      token: fc.nat(1),
      asks: fc.array(ask, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('open' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const), token: fc.nat(1) }) },
);

export const actionsArbitrary = fc.array(action, { minLength: 1, maxLength: 20 });
