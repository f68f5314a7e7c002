import { builder } from '../../builder.ts';

export const LowLevel = builder.state('LowLevel', {
  description: 'A result that arrives from outside the event that asked for it.',
  vars: (t) => ({
    result: t.string({ default: '' }),
  }),
});
