import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { Engine } from './engine.ts';

/** What resolvers need. */
export interface AppCore {
  readonly engine: Engine;
  readonly tokens: TokenIssuer;
}
