import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { statewire } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { describe, expect, it } from 'vitest';

interface Context {
  readonly staff: boolean;
}

function schemaOf({ runScopesOnType }: { readonly runScopesOnType: boolean }) {
  const builder = new SchemaBuilder<{ Context: Context; AuthScopes: { staff: boolean } }>({
    plugins: [statewire(), ScopeAuthPlugin],
    scopeAuth: { authScopes: ({ staff }) => ({ staff }), runScopesOnType },
  });
  const Ledger = builder.state('Ledger', {
    description: 'For the staff only.',
    authScopes: { staff: true },
    vars: (t) => ({ sum: t.int({ default: 0 }) }),
  });
  Ledger.event('add').resolve((s) => {
    s.sum += 1;
  });
  return builder.toSchema();
}

const read = 'query ($token: ID!) { ledger(token: $token) { sum } }';
const add = 'mutation ($token: ID!) { ledgerAdd(token: $token) { version state { sum } } }';
const watch = (selected: string) =>
  `subscription ($token: ID!) { ledger(token: $token) { version ${selected} { sum } } }`;
const watchAll = `subscription ($token: ID!) {
  states(token: $token) { diffs { ... on LedgerDiff { state { sum } } } }
}`;

describe.each([
  { runScopesOnType: false, checked: 'for each field' },
  { runScopesOnType: true, checked: 'once' },
])('a state with auth of its type, checked $checked', (options) => {
  it('shows nothing of it to whom it is not for, neither the state nor its diffs', async () => {
    await using test = createTestApp<Context>({
      schema: schemaOf(options),
      eventContext: () => ({ staff: true }),
    });
    const [staff, customer] = [true, false].map((each) =>
      test.client({ token: 'T', context: { staff: each } }),
    ) as [ReturnType<typeof test.client>, ReturnType<typeof test.client>];
    const forbidden = [{ extensions: { code: 'FORBIDDEN' } }];

    expect(await staff.run(read)).toEqual({ ledger: { sum: 0 } });
    expect((await customer.execute(read)).errors).toMatchObject(forbidden);
    const deltas = staff.subscribe(watch('delta'));
    const states = staff.subscribe(watch('state'));
    const all = staff.subscribe(watchAll);
    expect(await deltas.take(1)).toEqual([{ ledger: { version: 0, delta: { sum: 0 } } }]);
    expect(await states.take(1)).toEqual([{ ledger: { version: 0, state: { sum: 0 } } }]);
    expect(await all.take(1)).toEqual([{ states: { diffs: [{ state: { sum: 0 } }] } }]);
    for (const operation of [watch('delta'), watch('state'), watchAll]) {
      await expect(customer.subscribe(operation).next()).rejects.toThrow(/Not authorized/);
    }

    expect(await staff.run(add)).toEqual({ ledgerAdd: { version: 1, state: { sum: 1 } } });
    expect((await customer.execute(add)).errors).toMatchObject(forbidden);
    expect(await deltas.take(1)).toMatchObject([{ ledger: { delta: { sum: 1 } } }]);
    expect(await states.take(1)).toMatchObject([{ ledger: { state: { sum: 1 } } }]);
  });
});
