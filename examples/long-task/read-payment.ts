import type { PaymentShape } from './schema/payment.ts';
import type { SkipReasonName } from './schema/skip.ts';

/** As 7.00 or 1,234.50. */
const money = /^\d{1,3}(,\d{3})*\.\d{2}$/;

/** A record of the file as a payment, or why it is none. */
export function readPayment(record: readonly string[]): PaymentShape | SkipReasonName {
  const [id, name, email, amount, ...more] = record;
  if (!id || !name || email === undefined || amount === undefined || more.length > 0) {
    return 'COLUMNS';
  }
  if (!/^\S+@\S+$/.test(email)) return 'EMAIL';
  if (!money.test(amount)) return 'AMOUNT';
  return { id, name, email, amount: Number(amount.replaceAll(/[,.]/g, '')) };
}
