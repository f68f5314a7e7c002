import { possibleTypes, typePolicies } from 'statewire/client/apollo';
import { keys } from 'statewire/client/urql';
import { describe, expect, it } from 'vitest';
import introspection from '../../schema/introspection.json' with { type: 'json' };

describe('what caches have to know of a schema', () => {
  it('is for Apollo: what is no entity, and what is replaced', () => {
    const policies = typePolicies(introspection);
    expect(policies['Todos']).toEqual({
      fields: { items: { merge: false }, visible: { merge: false } },
    });
    expect(policies['TodosDiff']).toEqual({
      keyFields: false,
      fields: { changed: { merge: false }, delta: { merge: false }, state: { merge: false } },
    });
    expect(policies['Subscription']?.fields).toMatchObject({ todos: { merge: false } });
    expect(policies['Subscription']).not.toHaveProperty('keyFields');
    expect(Object.keys(policies).filter((name) => name.startsWith('__'))).toEqual([]);
  });

  it('is for Apollo: the members of interfaces and unions', () => {
    expect(possibleTypes(introspection)).toMatchObject({
      State: ['Account', 'CsvImport', 'LowLevel', 'MyLimitedTask', 'MyTask', 'Todos'],
      MutationAccountWithdrawResult: ['AccountEventResult', 'InsufficientFunds'],
    });
  });

  it('is for Graphcache: what is no entity', () => {
    const names = Object.keys(keys(introspection));
    expect(names).toEqual(
      expect.arrayContaining(['TodosDiff', 'TodosDelta', 'TodosEventResult', 'TokenDiff']),
    );
    for (const name of ['Todos', 'Task', 'Query', 'Subscription'])
      expect(names).not.toContain(name);
    expect(keys(introspection)['TodosDiff']?.()).toBeNull();
  });
});
