import { builder } from '../../builder.ts';

export const MyTask = builder.state('MyTask', {
  description: 'A counter that a background task moves.',
  vars: (t) => ({
    counter: t.int({ default: 0 }),
    maxCounter: t.int({ default: 10 }),
    running: t.boolean({ default: false }),
  }),
  // Which task is the loop. Only the server sees it.
  backend: () => ({ loop: null as string | null }),
  computed: (t) => ({
    percent: t.float({ resolve: (s) => (100 * s.counter) / s.maxCounter }),
  }),
});
