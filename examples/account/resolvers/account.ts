import { z } from 'zod';
import { Account } from '../schema/account.ts';
import { InsufficientFunds } from '../schema/insufficient-funds.ts';

const amount = z.int().positive('An amount is 1 or more.').max(1_000_000);

/** Validation, of all arguments together: refused before anything runs. */
export const deposit = Account.event('deposit', {
  args: (t) => ({ amount: t.int({ required: true }) }),
  validate: z.object({ amount }),
}).resolve((s, args) => {
  s.balance += args.amount;
});

/** Errors: an outcome of the event, as a type of the schema. What it had changed is rolled back. */
export const withdraw = Account.event('withdraw', {
  args: (t) => ({ amount: t.int({ required: true, validate: amount }) }),
  errors: { types: [InsufficientFunds], directResult: true },
}).resolve((s, args) => {
  s.balance -= args.amount;
  if (s.balance < 0) throw new InsufficientFunds(-s.balance);
});

/** Auth: denied before anything runs. */
export const annotate = Account.event('annotate', {
  args: (t) => ({ note: t.string({ required: true }) }),
  authScopes: { staff: true },
}).resolve((s, { note }) => {
  s.note = note;
});
