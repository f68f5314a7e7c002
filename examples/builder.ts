import SchemaBuilder from '@pothos/core';
import ValidationPlugin from '@pothos/plugin-validation';
import { GraphQLError } from 'graphql';
import { statewire } from 'statewire';
import type { ExampleContext } from './context.ts';

/** One schema for all examples; an application of your own has a file like this. */
export const builder = new SchemaBuilder<{
  Context: ExampleContext;
  Scalars: { Date: { Input: string; Output: string } };
}>({
  plugins: [statewire(), ValidationPlugin],
  validation: {
    validationError: ({ issues }) =>
      new GraphQLError(issues.map(({ message }) => message).join(' '), {
        extensions: { code: 'BAD_USER_INPUT', retryable: false },
      }),
  },
});
