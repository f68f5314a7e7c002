import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';
import { markPure } from '../resolvers/pure-resolvers.ts';

/**
 * Marks the resolvers of fields that only expose a property under another name
 * (`t.exposeString('text')`) as pure, if no plugin has wrapped them.
 */
export function markExposed(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const { extensions, resolve } of Object.values(type.getFields())) {
      if (resolve && isExposed(extensions) && resolve === extensions['pothosOriginalResolve']) {
        markPure(resolve);
      }
    }
  }
}

/** Pothos notes there which property it is, and the resolver that it has made for it. */
function isExposed(extensions: GraphQLField<unknown, unknown>['extensions']): boolean {
  return typeof extensions['pothosExposedField'] === 'string';
}
