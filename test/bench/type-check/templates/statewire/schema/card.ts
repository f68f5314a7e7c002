import { builder } from '../builder.ts';

export interface CardShape {
  readonly id: string;
  title: string;
  done: boolean;
}

export const Card = builder.objectRef<CardShape>('Card').implement({
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    title: t.exposeString('title', { nullable: false }),
    done: t.exposeBoolean('done', { nullable: false }),
  }),
});

export const Filter = builder.enumType('Filter', { values: ['ALL', 'OPEN', 'DONE'] });
