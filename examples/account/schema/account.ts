import { builder } from '../../builder.ts';

export const Account = builder.state('Account', {
  description: 'An account that its owner and the staff see differently.',
  vars: (t) => ({
    balance: t.int({ default: 0 }),
    // Denied fields are null, with an error of their own: so the var is nullable.
    note: t.string({ nullable: true, authScopes: { staff: true } }),
  }),
});
