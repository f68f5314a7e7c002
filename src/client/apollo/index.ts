export type { Introspection } from '../introspection.ts';
export { optimisticLink } from './optimistic-link.ts';
export { possibleTypes, typePolicies } from './type-policies.ts';
