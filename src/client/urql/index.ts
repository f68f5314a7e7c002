export type { Introspection } from '../introspection.ts';
export { forwardSubscription } from './forward-subscription.ts';
export { keys } from './keys.ts';
export { optimisticExchange } from './optimistic-exchange.ts';
