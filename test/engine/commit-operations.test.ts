import { graphql } from 'graphql';
import { createApp, memoryStore } from 'statewire';
import { expect, it } from 'vitest';
import type { Entry } from '../../src/store/state-store.ts';
import { insteadOfCommits } from '../support/forward-store.ts';
import { createBuilder } from '../support/lab.ts';

it('a commit says what it sets of each var, and of all at once if it sets all of them', async () => {
  const builder = createBuilder();
  const Cell = builder.state('Cell', {
    vars: (t) => ({
      n: t.int({ default: 0 }),
      label: t.string({ default: '' }),
      list: t.intList({ default: [1], nullable: true }),
    }),
  });
  Cell.event('first').resolve((s) => {
    s.n = 1;
  });
  Cell.event('one').resolve((s) => {
    s.n += 1;
  });
  Cell.event('all').resolve((s) => {
    Object.assign(s, { n: 7, label: 'all', list: null });
  });
  Cell.event('parts').resolve((s) => {
    Object.assign(s, { n: 8, label: 'parts', list: [1] });
    s.list?.push(2);
  });
  Cell.event('inside').resolve((s) => {
    Object.assign(s, { n: 9, label: 'inside' });
    s.list?.push(3);
  });
  const entries: Entry[] = [];
  const store = insteadOfCommits(memoryStore(), async (commit, forward) => {
    entries.push(commit.entry);
    await forward();
  });
  const app = createApp({ schema: builder.toSchema(), store, development: true });
  for (const event of ['First', 'One', 'All', 'Parts', 'Inside']) {
    const source = `mutation { cell${event}(token: "T") { version } }`;
    expect(await graphql({ schema: app.schema, source, contextValue: {} })).not.toHaveProperty(
      'errors',
    );
  }
  await app.close();
  expect(entries.slice(1).map(({ operations }) => operations)).toEqual([
    [['set', ['Cell', 'values', 'n'], 2]],
    [['set', ['Cell', 'values'], { n: 7, label: 'all', list: null }]],
    [['set', ['Cell', 'values'], { n: 8, label: 'parts', list: [1, 2] }]],
    [
      ['splice', ['Cell', 'values', 'list'], 2, 0, [3]],
      ['set', ['Cell', 'values', 'n'], 9],
      ['set', ['Cell', 'values', 'label'], 'inside'],
    ],
  ]);
});
