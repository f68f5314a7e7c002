import { GraphQLError } from 'graphql';
import { builder } from '../../builder.ts';

const isoDate = /^\d{4}-\d{2}-\d{2}$/;

function parseDate(value: unknown): string {
  if (typeof value === 'string' && isoDate.test(value) && !Number.isNaN(Date.parse(value))) {
    return value;
  }
  throw new GraphQLError('Expected a date like 2026-01-31.', {
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  });
}

builder.scalarType('Date', {
  description: 'A day, as 2026-01-31.',
  serialize: (value) => value,
  parseValue: parseDate,
});

export interface TodoShape {
  readonly id: string;
  title: string;
  done: boolean;
  due: string | null;
}

export const Todo = builder.objectRef<TodoShape>('Todo').implement({
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    title: t.exposeString('title', { nullable: false }),
    done: t.exposeBoolean('done', { nullable: false }),
    due: t.expose('due', { type: 'Date', nullable: true }),
  }),
});

export const TodoFilter = builder.enumType('TodoFilter', { values: ['ALL', 'OPEN', 'DONE'] });
