import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { DeltaPayload } from '../resolvers/delta-payload.ts';
import { isPure, markPure } from '../resolvers/pure-resolvers.ts';
import { deltaExtension } from './define-state.ts';

/**
 * Makes the fields of delta types null where their var did not change. Done on
 * the built schema, around what every other plugin has wrapped: no resolver
 * and no auth function runs for a var that is not there.
 */
export function skipUnchanged(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || !type.extensions[deltaExtension]) continue;
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (parent: DeltaPayload, args, context, info) =>
        DeltaPayload.hasChanged(parent, field.name) ? resolve(parent, args, context, info) : null;
      if (isPure(resolve)) markPure(field.resolve);
    }
  }
}
