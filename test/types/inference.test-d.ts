import type { DeepReadonly, Draft, Middleware, StateRef, TokenKey, VarBuilder } from 'statewire';
import { createApp, memoryStore } from 'statewire';
import { createHandler, createServer } from 'statewire/server';
import { createTestApp, type TypedDocument } from 'statewire/testing';
import { describe, expectTypeOf, it } from 'vitest';
import { createBuilder, type LabContext } from '../support/lab.ts';

interface Row {
  readonly id: string;
  tags: string[];
  meta: { score: number };
}

const builder = createBuilder();
const RowRef = builder.objectRef<Row>('Row').implement({
  fields: (t) => ({ id: t.exposeID('id') }),
});
const Mode = builder.enumType('Mode', { values: ['FAST', 'SLOW'] });

const Table = builder.state('Table', {
  vars: (t) => ({
    n: t.int({ default: 0 }),
    name: t.string({ default: () => 'made' }),
    maybe: t.string({ nullable: true }),
    maybeSet: t.float({ nullable: true, default: 1 }),
    mode: t.field({ type: Mode, default: 'FAST' }),
    rows: t.field({ type: [RowRef], default: [] }),
    selected: t.field({ type: RowRef, nullable: true }),
    ids: t.idList({ default: [] }),
  }),
  backend: () => ({
    loop: null as string | null,
    seen: new Map<string, number[]>(),
    members: new Set<{ id: string }>(),
  }),
  computed: (t) => ({
    count: t.int({
      resolve: (s) => {
        expectTypeOf(s.rows).toEqualTypeOf<DeepReadonly<readonly Row[]>>();
        expectTypeOf(s.loop).toEqualTypeOf<string | null>();
        // @ts-expect-error a computed var only reads
        s.n = 1;
        return s.rows.length;
      },
    }),
    first: t.field({ type: RowRef, nullable: true, resolve: (s) => s.rows[0] ?? null }),
    later: t.string({ resolve: async (s) => s.name }),
  }),
});

const Child = builder.state('Child', {
  parent: Table,
  vars: (t) => ({
    m: t.int({ default: 0 }),
    keyed: t.field({ type: [RowRef], key: 'id', default: [] }),
  }),
  computed: (t) => {
    const base = t.int({ resolve: (s) => s.m + s.parent.n });
    const doubled = t.float({
      resolve: async (s, read) => {
        expectTypeOf(read(base)).toEqualTypeOf<number>();
        expectTypeOf(s.parent.rows).toEqualTypeOf<DeepReadonly<readonly Row[]>>();
        const table = await s.getState(Table);
        expectTypeOf(table.count).toEqualTypeOf<number>();
        // @ts-expect-error a computed var only reads
        s.parent.n = 1;
        // @ts-expect-error unknown var
        s.parent.m;
        return read(base) * 2;
      },
    });
    const always = t.int({ cache: false, resolve: () => 1 });
    return { base, doubled, always };
  },
});

const Other = builder.state('Other', { vars: (t) => ({ flag: t.boolean({ default: false }) }) });

describe('a state inside a lock', () => {
  it('has its vars, writable to the deepest level, and its computed vars, read only', () => {
    Table.event('types').resolve(async (s, args, context) => {
      expectTypeOf(s.n).toEqualTypeOf<number>();
      expectTypeOf(s.name).toEqualTypeOf<string>();
      expectTypeOf(s.maybe).toEqualTypeOf<string | null>();
      expectTypeOf(s.maybeSet).toEqualTypeOf<number | null>();
      expectTypeOf(s.mode).toEqualTypeOf<'FAST' | 'SLOW'>();
      expectTypeOf(s.rows).toEqualTypeOf<Draft<Row[]>>();
      expectTypeOf(s.selected).toEqualTypeOf<Draft<Row> | null>();
      expectTypeOf(s.ids).toEqualTypeOf<string[]>();
      expectTypeOf(s.loop).toEqualTypeOf<string | null>();
      expectTypeOf(s.seen).toEqualTypeOf<Map<string, number[]>>();
      expectTypeOf(s.count).toEqualTypeOf<number>();
      expectTypeOf(s.first).toEqualTypeOf<DeepReadonly<Row> | null>();
      expectTypeOf(s.token).toEqualTypeOf<TokenKey>();
      expectTypeOf(s.version).toEqualTypeOf<number>();
      expectTypeOf(s.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context).toEqualTypeOf<LabContext>();
      expectTypeOf<keyof typeof args>().toEqualTypeOf<never>();

      s.rows.push({ id: '1', tags: [], meta: { score: 1 } });
      const [row] = s.rows;
      if (row) row.meta.score = 2;
      s.maybe = null;

      // @ts-expect-error a computed var cannot be written
      s.count = 1;
      // @ts-expect-error wrong type
      s.n = 'one';
      // @ts-expect-error not nullable
      s.n = null;
      // @ts-expect-error not a value of the enum
      s.mode = 'NEVER';
      // @ts-expect-error unknown var
      s.unknown = 1;
      const other = await s.getState(Other);
      // @ts-expect-error the key is not for writing
      s.token = other.token;
      // @ts-expect-error a lock has no modifyState
      s.modifyState(() => {});

      other.flag = true;
      // @ts-expect-error unknown var of the other state
      other.n = 1;
    });
  });
});

describe('a state with a parent', () => {
  it('has the parent in events, tasks and views', () => {
    Child.event('up').resolve((s) => {
      s.parent.n += 1;
      s.parent.rows.push({ id: '1', tags: [], meta: { score: 1 } });
      expectTypeOf(s.doubled).toEqualTypeOf<number>();
      s.reset('m', 'keyed');
      s.parent.reset('n', 'loop');
      // @ts-expect-error not a var of this state
      s.reset('n');
      // @ts-expect-error a computed var has no default
      s.reset('base');
      // @ts-expect-error the parent stays what it is
      s.parent = null;
    });
    Child.background('watch').resolve(async (self) => {
      expectTypeOf(self.parent.n).toEqualTypeOf<number>();
      // @ts-expect-error read only outside a lock
      self.parent.n = 1;
      await self.modifyState((s) => {
        s.parent.n += 1;
      });
      await self.sleep(10);
    });
    Table.event('orphan').resolve((s) => {
      // @ts-expect-error this state has no parent
      s.parent;
    });
  });
});

describe('lifecycle events', () => {
  it('get the state and the context, and may start what other events may', () => {
    const later = Child.background('later').resolve(async () => {});
    Child.onLoad(async (s, _args, context) => {
      s.m += 1;
      expectTypeOf(context).toEqualTypeOf<LabContext>();
      return later;
    });
    Child.onConnect(function* (s) {
      s.m += 1;
      yield;
    });
    Child.onDisconnect(() => {}, { graceMs: 10 });
    // @ts-expect-error a number means nothing
    Child.onLoad(() => 5);
  });
});

describe('a mixin', () => {
  type Types = (typeof builder)['$inferSchemaTypes'];
  const countVars = (t: VarBuilder<Types>) => ({ count: t.int({ default: 0 }) });
  const countEvents = (
    State: StateRef<Types, { vars: { count: number }; backend: object; computed: object }>,
  ) =>
    State.event('count').resolve((s) => {
      s.count += 1;
      // @ts-expect-error not in every state that has it
      s.more = 1;
    });

  it('takes any state that has its vars, and no other', () => {
    const Mixed = builder.state('Mixed', {
      vars: (t) => ({ ...countVars(t), more: t.string({ default: '' }) }),
      backend: () => ({ secret: 1 }),
      computed: (t) => ({ next: t.int({ resolve: (s) => s.count + 1 }) }),
    });
    const count = countEvents(Mixed);
    Mixed.event('again').resolve((s) => {
      s.more = 'x';
      return count;
    });
    // @ts-expect-error it has no count
    countEvents(Other);
  });
});

describe('middleware', () => {
  it('knows of an event its context and a writable state, of a task a read-only one', () => {
    const middleware: Middleware<LabContext> = async (call, next) => {
      expectTypeOf(call.token).toEqualTypeOf<TokenKey>();
      if (call.kind === 'event') {
        expectTypeOf(call.context).toEqualTypeOf<LabContext>();
        (await call.getState(Table)).n = 1;
      } else {
        expectTypeOf(call.taskId).toEqualTypeOf<string>();
        // @ts-expect-error read only outside a lock
        (await call.getState(Table)).n = 1;
      }
      await next();
    };
    createApp<LabContext>({
      schema: builder.toSchema(),
      store: memoryStore(),
      middleware: [middleware],
    });
  });
});

describe('a test app', () => {
  it('asks for a context where one must be made, and types documents', async () => {
    interface Context {
      readonly user: string;
    }
    const schema = builder.toSchema();
    const testApp = createTestApp<Context>({ schema, eventContext: () => ({ user: 'system' }) });
    // @ts-expect-error every client needs a context
    testApp.client();
    const client = testApp.client({ context: { user: 'ann' } });
    const query = {} as TypedDocument<{ table: { n: number } }, { token: string; by: number }>;
    const { table } = await client.run(query, { by: 1 });
    expectTypeOf(table.n).toEqualTypeOf<number>();
    // @ts-expect-error needs its variable
    client.run(query);
    const alone = {} as TypedDocument<{ n: number }, { token: string }>;
    for await (const data of client.subscribe(alone)) {
      expectTypeOf(data.n).toEqualTypeOf<number>();
    }
    createTestApp<LabContext>({ schema }).client();
  });
});

describe('a task', () => {
  it('reads its state, and writes it only inside a lock', () => {
    Table.background('readOnly').resolve(async (self) => {
      expectTypeOf(self.n).toEqualTypeOf<number>();
      expectTypeOf(self.rows).toEqualTypeOf<DeepReadonly<Row[]>>();
      expectTypeOf(self.taskId).toEqualTypeOf<string>();
      expectTypeOf(self.context).toEqualTypeOf<unknown>();
      // @ts-expect-error read only outside a lock
      self.n = 1;
      // @ts-expect-error read only outside a lock, at depth
      self.rows.push({ id: '1', tags: [], meta: { score: 1 } });
      // @ts-expect-error read only outside a lock, at depth
      if (self.rows[0]) self.rows[0].meta.score = 1;
      // @ts-expect-error read only outside a lock, in a Map too
      self.seen.get('a')?.push(1);
      // @ts-expect-error read only outside a lock, in a Set too
      for (const member of self.members) member.id = 'x';
      // @ts-expect-error there is nothing to reset outside a lock
      self.reset();
      // @ts-expect-error there is nothing to flush outside a lock
      self.flush();

      const result = await self.modifyState((s) => {
        s.n += 1;
        return s.n;
      });
      expectTypeOf(result).toEqualTypeOf<number>();
      await using s = await self.modify();
      s.n += 1;
      const other = await self.getState(Other);
      // @ts-expect-error read only outside a lock
      other.flag = true;
    });
  });

  it('must be async', () => {
    // @ts-expect-error a background handler that is not async
    Table.background('notAsync').resolve(() => {});
    // @ts-expect-error a background handler that is a plain generator
    Table.background('generator').resolve(function* () {});
    Table.background('asyncGenerator').resolve(async function* () {
      yield;
    });
  });

  it('gets a state and how it ended in onExit', () => {
    Table.background('exits', {
      args: (t) => ({ id: t.id({ required: true }) }),
      onExit: (s, { outcome, taskId, error }) => {
        s.n += 1;
        expectTypeOf(outcome).toEqualTypeOf<'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'LOST'>();
        expectTypeOf(taskId).toEqualTypeOf<string>();
        expectTypeOf(error).toEqualTypeOf<unknown>();
      },
    }).resolve(async (_self, { id }) => {
      expectTypeOf(id).toEqualTypeOf<string>();
    });
  });
});

describe('references', () => {
  it('may refer to themselves, to each other, and to what comes later, without annotations', () => {
    const ping = Table.event('ping').resolve((s) => {
      s.n += 1;
      return s.n < 10 && pong;
    });
    const pong = Table.event('pong').resolve(async (s) => (s.n > 5 ? ping : [ping, task]));
    const task = Table.background('task').resolve(async (self) => {
      self.trigger(task);
      return ping;
    });
    const again = Table.event('again').resolve(function* (s) {
      yield;
      yield again;
      s.trigger(task);
      return [ping, pong];
    });
    expectTypeOf(again).toHaveProperty('with');
  });

  it('need .with() if an argument is required', () => {
    const add = Table.event('add', {
      args: (t) => ({ by: t.int({ required: true }), note: t.string() }),
    }).resolve((s, { by, note }) => {
      expectTypeOf(by).toEqualTypeOf<number>();
      expectTypeOf(note).toEqualTypeOf<string | null | undefined>();
      s.n += by;
    });
    const optional = Table.event('optional', { args: (t) => ({ note: t.string() }) }).resolve(
      () => {},
    );
    Table.event('useThem').resolve((s) => {
      s.trigger(optional);
      s.trigger(optional.with({}));
      s.trigger(add.with({ by: 1 }));
      // @ts-expect-error needs its argument
      s.trigger(add);
      // @ts-expect-error needs its argument
      add.with({});
      // @ts-expect-error wrong type of argument
      add.with({ by: 'one' });
      // @ts-expect-error unknown argument
      add.with({ by: 1, more: 2 });
      return [add.with({ by: 1 }), optional];
    });
    // @ts-expect-error needs its argument
    Table.event('returnsBare').resolve(() => add);
  });

  it('cannot be called, and a handler returns nothing else', () => {
    const event = Table.event('event').resolve(() => {});
    const background = Table.background('background').resolve(async () => {});
    Table.event('calls').resolve(() => {
      // @ts-expect-error not a function
      event();
      // @ts-expect-error not a function
      background();
    });
    // @ts-expect-error a number means nothing
    Table.event('returnsNumber').resolve(() => 5);
    // @ts-expect-error an object means nothing
    Table.event('returnsObject').resolve(() => ({ n: 1 }));
  });
});

describe('a definition', () => {
  it('rejects what makes no sense', () => {
    // @ts-expect-error a var that is not nullable needs a default
    builder.state('NoDefault', { vars: (t) => ({ n: t.int({}) }) });
    // @ts-expect-error a default of the wrong type
    builder.state('WrongDefault', { vars: (t) => ({ n: t.int({ default: 'one' }) }) });
    // @ts-expect-error not a value of the enum
    builder.state('WrongEnum', { vars: (t) => ({ m: t.field({ type: Mode, default: 'X' }) }) });
    // @ts-expect-error a reserved name
    builder.state('Reserved', { vars: (t) => ({ token: t.string({ default: '' }) }) });
    // @ts-expect-error a reserved name
    builder.state('Reserved2', { vars: (t) => ({ modifyState: t.string({ default: '' }) }) });
    builder.state('ReservedBackend', {
      vars: (t) => ({ n: t.int({ default: 0 }) }),
      // @ts-expect-error a reserved name
      backend: () => ({ token: 1 }),
    });
    builder.state('NoKey', {
      vars: (t) => ({
        // @ts-expect-error the rows have no such property
        rows: t.field({ type: [RowRef], key: 'nope', default: [] }),
      }),
    });
    builder.state('KeyOfScalars', {
      vars: (t) => ({
        // @ts-expect-error these rows have no properties
        rows: t.field({ type: ['String'], key: 'length', default: [] }),
      }),
    });
    builder.state('WrongComputed', {
      vars: (t) => ({ n: t.int({ default: 0 }) }),
      // @ts-expect-error a computed value of the wrong type
      computed: (t) => ({ text: t.int({ resolve: (s) => `${s.n}` }) }),
    });
  });

  it('is an object type for other fields', () => {
    builder.queryField('aTable', (t) =>
      t.field({ type: Table, nullable: true, resolve: () => null }),
    );
  });

  it('makes .resolve take one type parameter less than anything: none', () => {
    // A type parameter or an overload here would end the inference of mutual references.
    const { resolve } = Table.event('shape');
    type Handler = Parameters<typeof resolve>[0];
    expectTypeOf<Handler>().toBeFunction();
    expectTypeOf(resolve).toEqualTypeOf<(handler: Handler) => ReturnType<typeof resolve>>();
  });
});

describe('a context that must be made', () => {
  interface Context {
    readonly user: string;
  }
  const { schema } = createApp({ schema: builder.toSchema(), store: memoryStore() });

  it('is asked for where it is needed', () => {
    // @ts-expect-error events that no request carries need one
    createApp<Context>({ schema, store: memoryStore() });
    const app = createApp<Context>({
      schema,
      store: memoryStore(),
      eventContext: () => ({ user: 'system' }),
    });
    // @ts-expect-error so does every request
    createServer(app);
    // @ts-expect-error so does every request
    createHandler(app, { path: '/api' });
    // @ts-expect-error of the right type
    createServer(app, { context: () => 5 });
    createServer(app, { context: ({ request }) => ({ user: request.headers.get('user') ?? '' }) });
  });

  it('may be left out if an empty object is one', () => {
    const app = createApp<LabContext>({ schema, store: memoryStore() });
    createServer(app);
    createHandler(app, { path: '/api' });
  });
});

describe('an app', () => {
  it('gives modifyAll as many roots as keys', async () => {
    const app = createApp({ schema: builder.toSchema(), store: memoryStore() });
    const key = app.keyOf('T');
    await app.modifyAll([key, key], async ([a, b]) => {
      (await a.getState(Table)).n = (await b.getState(Table)).n;
    });
  });

  it('has typed states', async () => {
    const app = createApp<LabContext>({ schema: builder.toSchema(), store: memoryStore() });
    const key = app.keyOf('T');
    const n = await app.modifyState(Table, key, (s) => {
      s.n += 1;
      return s.n;
    });
    expectTypeOf(n).toEqualTypeOf<number>();
    await app.modifyState(key, async (root) => {
      const table = await root.getState(Table);
      table.rows.push({ id: '1', tags: [], meta: { score: 1 } });
      // @ts-expect-error the root has no vars
      root.n = 1;
    });
    // @ts-expect-error a token is not a key
    await app.modifyState(Table, 'T', () => {});
    await using s = await app.modify(Table, key);
    s.n = 1;
    const task = Table.background('dispatched').resolve(async () => {});
    await app.dispatch(task, key);
    await app.dispatch(task, key, { context: { user: 'cron' } });
    // @ts-expect-error the context of this app
    await app.dispatch(task, key, { context: { user: 5 } });
    // @ts-expect-error read only
    app.backgroundTasks.clear();
  });
});
