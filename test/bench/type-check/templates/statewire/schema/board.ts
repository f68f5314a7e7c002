import { builder } from '../builder.ts';
import { Card, Filter } from './card.ts';

export const Board = builder.state('Board', {
  description: 'A board of cards.',
  vars: (t) => ({
    title: t.string({ default: '' }),
    count: t.int({ default: 0 }),
    running: t.boolean({ default: false }),
    filter: t.field({ type: Filter, default: 'ALL' }),
    cards: t.field({ type: [Card], default: [] }),
    note: t.string({ nullable: true }),
  }),
  backend: () => ({ attempts: 0, lastRun: null as string | null }),
  computed: (t) => ({
    open: t.int({ resolve: (s) => s.cards.filter((card) => !card.done).length }),
  }),
});
