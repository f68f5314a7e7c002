import SchemaBuilder from '@pothos/core';
import { defaultFieldResolver, GraphQLError, type GraphQLSchema, isObjectType } from 'graphql';
import { statewire } from 'statewire';
import { ScopeAuthPlugin, scopeAuth, staffOnly } from '../execution/scope-auth.ts';

export interface ShopContext {
  readonly staff: boolean;
}

/** How often what a user has written was called. */
export interface Calls {
  /** The resolver of `label`, a resolver of the user's own. */
  label: number;
  /** The same of `late`, which gives a promise. */
  late: number;
  /** `serialize` of the scalar of `price`, which is all that a user sees of a var. */
  price: number;
}

export interface ShopSchema {
  readonly schema: GraphQLSchema;
  readonly calls: Calls;
  /** What `late` waits for, by the number of the event; at once where there is nothing. */
  readonly waiting: Map<number, Promise<unknown>>;
}

interface Item {
  readonly id: string;
  readonly text: string;
}

/** Enough rows that what changed among them is noted. */
const rows = 70;

const itemOf = (n: number): Item => ({ id: `item-${n}`, text: `Item ${n}` });

/**
 * A state of which the staff and customers see different vars: the number of the event is
 * in all of them. Its third event breaks what can break.
 */
export function shopSchema(): ShopSchema {
  const calls: Calls = { label: 0, late: 0, price: 0 };
  const waiting: ShopSchema['waiting'] = new Map();
  const builder = new SchemaBuilder<{
    Context: ShopContext;
    Scalars: { Price: { Input: number; Output: number } };
  }>({ plugins: [statewire(), ScopeAuthPlugin], ...scopeAuth });
  builder.scalarType('Price', {
    serialize: (value) => {
      calls.price += 1;
      return `${value} €`;
    },
  });
  const Item = builder.objectRef<Item>('Item').implement({
    fields: (t) => ({ id: t.exposeID('id'), text: t.exposeString('text') }),
  });
  const Shop = builder.state('Shop', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      cost: t.string({ nullable: true, default: 'cost 0', ...staffOnly }),
      offer: t.string({ nullable: true, default: 'offer 0' }),
      price: t.field({ type: 'Price', default: 0 }),
      items: t.field({
        ...{ type: [Item], key: 'id' },
        default: () => Array.from({ length: rows }, (_, n) => itemOf(n)),
      }),
      leaflet: t.string({ default: '' }),
    }),
    computed: (t) => ({
      sum: t.int({ nullable: true, resolve: ({ n }) => n * 2 }),
      frail: t.int({ nullable: true, resolve: ({ n }) => (n === 3 ? refuse() : n) }),
    }),
  });
  builder.objectField(Shop, 'label', (t) =>
    t.string({
      args: { prefix: t.arg.string({ defaultValue: 'label' }) },
      resolve: ({ n }, { prefix }, { staff }) => {
        calls.label += 1;
        return `${prefix} ${n} for ${staff ? 'the staff' : 'customers'}`;
      },
    }),
  );
  builder.objectField(Shop, 'late', (t) =>
    t.string({
      nullable: true,
      resolve: async ({ n }, _args, { staff }) => {
        calls.late += 1;
        await waiting.get(n);
        return `late ${n} for ${staff ? 'the staff' : 'customers'}`;
      },
    }),
  );
  builder.objectField(Shop, 'fragile', (t) =>
    t.int({
      nullable: true,
      resolve: ({ n }) => {
        if (n === 3) throw new Error('The till is on fire.');
        return n;
      },
    }),
  );
  Shop.event('sell').resolve((s) => {
    s.n += 1;
    s.cost = `cost ${s.n}`;
    s.offer = `offer ${s.n}`;
    s.price = s.n;
  });
  Shop.event('stock').resolve((s) => {
    s.n += 1;
    s.items[s.n % rows] = itemOf(rows + s.n);
    s.items.push(itemOf(2 * rows + s.n));
  });
  Shop.event('print', { args: (t) => ({ bytes: t.int({ required: true }) }) }).resolve(
    (s, { bytes }) => {
      s.n += 1;
      // Nothing of the one before is left of it.
      s.leaflet = `leaflet ${s.n}`.padEnd(bytes, `${s.n % 10}.`);
    },
  );
  const schema = builder.toSchema();
  for (const type of ['Shop', 'ShopDelta']) hideFromStaff(schema, { type, field: 'offer' });
  return { schema, calls, waiting };
}

function refuse(): never {
  throw new Error('Three cannot be computed.');
}

/** A guard that no plugin knows of: around the resolver of a field. */
function hideFromStaff(
  schema: GraphQLSchema,
  { type, field }: { readonly type: string; readonly field: string },
): void {
  const object = schema.getType(type);
  const definition = isObjectType(object) ? object.getFields()[field] : undefined;
  if (!definition) throw new TypeError(`Expected a field ${type}.${field}.`);
  const { resolve = defaultFieldResolver } = definition;
  definition.resolve = (source, args, context: ShopContext, info) => {
    if (!context.staff) return resolve(source, args, context, info);
    throw new GraphQLError('Offers are for customers.', { extensions: { code: 'CUSTOMERS_ONLY' } });
  };
}
