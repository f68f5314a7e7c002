import type { GraphQLResolveInfo } from 'graphql';
import { appOf } from './app-of.ts';

export function resolveIssueToken(
  _root: unknown,
  _args: unknown,
  _context: unknown,
  info: GraphQLResolveInfo,
): string {
  return appOf(info).tokens.issue();
}
