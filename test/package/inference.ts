import SchemaBuilder from '@pothos/core';
import { statewire } from 'statewire';

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
