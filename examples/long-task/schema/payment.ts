import { builder } from '../../builder.ts';

/** A row of the file that could be read. */
export interface PaymentShape {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** In cents. */
  readonly amount: number;
}

export const Payment = builder.objectRef<PaymentShape>('Payment').implement({
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    email: t.exposeString('email', { nullable: false }),
    amount: t.exposeInt('amount', { nullable: false, description: 'In cents.' }),
  }),
});
