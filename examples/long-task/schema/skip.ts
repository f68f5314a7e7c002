import { builder } from '../../builder.ts';

const reasons = {
  COLUMNS: { description: 'It has not as many columns as the file.' },
  EMAIL: { description: 'It has no email address.' },
  AMOUNT: { description: 'It has no amount.' },
} as const;

/** Why a row of the file is left out. */
export type SkipReasonName = keyof typeof reasons;

const SkipReason = builder.enumType('SkipReason', { values: reasons });

export interface SkipShape {
  readonly reason: SkipReasonName;
  rows: number;
}

export const Skip = builder.objectRef<SkipShape>('Skip').implement({
  description: 'How many rows were left out for a reason.',
  fields: (t) => ({
    reason: t.expose('reason', { type: SkipReason, nullable: false }),
    rows: t.exposeInt('rows', { nullable: false }),
  }),
});
