import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { Engine } from './engine.ts';

/** What resolvers need: the engine, the tokens, and how errors of tasks are shown. */
export interface AppCore {
  readonly engine: Engine;
  readonly tokens: TokenIssuer;
  /** In production, the message of an unexpected error is not for clients. */
  readonly maskErrors: boolean;
}
