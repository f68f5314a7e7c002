import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { setCode } from './operation/finish-errors.ts';

/**
 * Gives the errors of documents an `extensions.code` too, the same on every
 * transport: `GRAPHQL_PARSE_FAILED` and `GRAPHQL_VALIDATION_FAILED`.
 */
export function useErrorCodes(): Plugin {
  return {
    onParse() {
      return ({ result }) => {
        if (result instanceof GraphQLError) setCode(result, 'GRAPHQL_PARSE_FAILED');
      };
    },
    onValidate() {
      return ({ result }) => {
        for (const error of result) setCode(error, 'GRAPHQL_VALIDATION_FAILED');
      };
    },
  };
}
