import { builder } from '../../builder.ts';

export const MyLimitedTask = builder.state('MyLimitedTask', {
  description: 'The counter of MyTask, with a limit in place of its guard.',
  vars: (t) => ({
    counter: t.int({ default: 0 }),
    maxCounter: t.int({ default: 10 }),
    running: t.boolean({ default: false }),
  }),
  computed: (t) => ({
    percent: t.float({ resolve: (s) => (100 * s.counter) / s.maxCounter }),
  }),
});
