import { builder } from '../../builder.ts';

/** An outcome that clients are expected to handle: it is part of the schema. */
export class InsufficientFunds extends Error {
  readonly missing: number;

  constructor(missing: number) {
    super(`There is ${missing} too little in the account.`);
    this.missing = missing;
  }
}

builder.objectType(InsufficientFunds, {
  name: 'InsufficientFunds',
  fields: (t) => ({
    message: t.exposeString('message', { nullable: false }),
    missing: t.exposeInt('missing', { nullable: false }),
  }),
});
