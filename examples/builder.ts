import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import { GraphQLError } from 'graphql';
import { statewire } from 'statewire';
import type { ExampleContext } from './context.ts';

/** One schema for all examples; an application of your own has a file like this. */
export const builder = new SchemaBuilder<{
  Context: ExampleContext;
  Scalars: { Date: { Input: string; Output: string } };
  AuthScopes: { staff: boolean };
}>({
  // Order matters to Pothos: errors outermost, then auth, then validation.
  plugins: [statewire(), ErrorsPlugin, ScopeAuthPlugin, ValidationPlugin],
  scopeAuth: { authScopes: ({ staff }) => ({ staff }) },
  validation: {
    validationError: ({ issues }) =>
      new GraphQLError(issues.map(({ message }) => message).join(' '), {
        extensions: { code: 'BAD_USER_INPUT', retryable: false },
      }),
  },
});
