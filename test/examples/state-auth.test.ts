import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { statewire } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { describe, expect, it } from 'vitest';

interface Context {
  readonly staff: boolean;
}

function schemaOf() {
  const builder = new SchemaBuilder<{ Context: Context; AuthScopes: { staff: boolean } }>({
    plugins: [statewire(), ScopeAuthPlugin],
    scopeAuth: { authScopes: ({ staff }) => ({ staff }) },
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

const watch = 'subscription ($token: ID!) { ledger(token: $token) { version delta { sum } } }';

describe('a state with auth of its type', () => {
  it('shows nothing of it to whom it is not for, neither the state nor its diffs', async () => {
    await using test = createTestApp<Context>({
      schema: schemaOf(),
      eventContext: () => ({ staff: true }),
    });
    const [staff, customer] = [true, false].map((each) =>
      test.client({ token: 'T', context: { staff: each } }),
    ) as [ReturnType<typeof test.client>, ReturnType<typeof test.client>];
    const read = 'query ($token: ID!) { ledger(token: $token) { sum } }';
    expect(await staff.run(read)).toEqual({ ledger: { sum: 0 } });
    const { errors } = await customer.execute(read);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);

    const diffs = staff.subscribe(watch);
    expect(await diffs.take(1)).toEqual([{ ledger: { version: 0, delta: { sum: 0 } } }]);
    await expect(customer.subscribe(watch).next()).rejects.toThrow(/Not authorized/);
  });
});
