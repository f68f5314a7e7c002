import SchemaBuilder from '@pothos/core';
import { statewire } from 'statewire';
import { createTestApp } from 'statewire/testing';

const builder = new SchemaBuilder<{ Context: { user: string } }>({ plugins: [statewire()] });

const State = builder.state('State', {
  vars: (t) => ({ n: t.int({ default: 0 }), tags: t.stringList({ default: [] }) }),
});

State.event('add', { args: (t) => ({ by: t.int({ required: true }) }) }).resolve(
  (s, { by }, { user }) => {
    s.n += by;
    s.tags.push(user);
    // @ts-expect-error a string is no Int
    s.n = user;
    // @ts-expect-error there is no such var
    s.unknown = by;
  },
);

State.background('work').resolve(async (self) => {
  // @ts-expect-error read only outside a lock
  self.n = 1;
});

const Child = builder.state('Child', {
  parent: State,
  vars: (t) => ({ own: t.int({ default: 0 }) }),
  computed: (t) => {
    const sum = t.int({ resolve: (s) => s.own + s.parent.n });
    const text = t.string({ resolve: async (_s, read) => `${read(sum)}` });
    return { sum, text };
  },
});
Child.onLoad((s) => {
  s.parent.n += s.own;
});

const testApp = createTestApp<{ user: string }>({
  schema: builder.toSchema(),
  eventContext: () => ({ user: 'system' }),
});
const [first] = await testApp
  .client({ context: { user: 'ann' } })
  .subscribe<{ child: { text: string } }>(
    'subscription ($token: ID!) { child(token: $token) { version } }',
  )
  .take(1);
first?.child.text.length;
await testApp.close();

// A program that makes declarations of its own names these types.
export const tagged = State.event('tag', {
  args: (t) => ({ tag: t.string({ required: true }) }),
}).resolve((s, { tag }) => {
  s.tags.push(tag);
});
export const tagLater = State.background('tagLater', {
  args: (t) => ({ tag: t.string({ required: true }) }),
}).resolve(async (self, { tag }) => {
  self.trigger(tagged.with({ tag }));
});
export { Child, State };

builder.state('Renamed', {
  vars: (t) => ({ name: t.string({ default: '' }) }),
  backend: () => ({ hidden: 0 }),
  migrate: ({ title }) => ({ name: String(title), hidden: 1 }),
});
const Slip = builder.state('Slip', {
  vars: (t) => ({ name: t.string({ default: '' }) }),
  migrate: ({ title }) => ({ nmae: String(title) }),
});
Slip.event('write').resolve((s) => {
  s.name = '';
  // @ts-expect-error what migrate makes up is no var
  s.nmae = '';
});
builder.state('Wrong', {
  vars: (t) => ({ name: t.string({ default: '' }) }),
  // @ts-expect-error a number is no String
  migrate: () => ({ name: 1 }),
});
