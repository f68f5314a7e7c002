import { BasePlugin, type SchemaTypes } from '@pothos/core';
import type { GraphQLSchema } from 'graphql';
import { checkRegistry, definitionsExtension, registryOf } from './registry.ts';
import { skipUnchanged } from './skip-unchanged.ts';

/** The Pothos plugin behind {@link statewire}. */
export class StatewirePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override beforeBuild(): void {
    checkRegistry(this.builder as never);
  }

  override afterBuild(schema: GraphQLSchema): GraphQLSchema {
    skipUnchanged(schema);
    schema.extensions = {
      ...schema.extensions,
      [definitionsExtension]: registryOf(this.builder as never).definitions,
    };
    return schema;
  }
}
