import SchemaBuilder, {
  BasePlugin,
  type PothosInterfaceTypeConfig,
  type PothosUnionTypeConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { GraphQLSchema, GraphQLTypeResolver } from 'graphql';
import { markPure } from '../resolvers/pure-resolvers.ts';
import { markExposed } from './mark-exposed.ts';
import { checkRegistry, definitionsExtension, registryOf } from './registry.ts';
import { skipUnchanged } from './skip-unchanged.ts';

const ownInterfaces = new Set(['State', 'StateDiff']);

/** Where Pothos keeps the plugins by name; a plugin that is not found there may do anything. */
interface Registered {
  readonly plugins?: Readonly<Record<string, typeof BasePlugin | undefined>>;
}

/** Whether a plugin may look at more than the object; scope-auth only notes that a type is being found out. */
function wrapsTypeResolvers(name: string): boolean {
  if (name === 'statewire' || name === 'scopeAuth') return false;
  const { plugins } = SchemaBuilder as unknown as Registered;
  return plugins?.[name]?.prototype.wrapResolveType !== BasePlugin.prototype.wrapResolveType;
}

/** The Pothos plugin behind {@link statewire}. */
export class StatewirePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override beforeBuild(): void {
    checkRegistry(this.builder as never);
  }

  /** Notes that those of our own interfaces look at nothing but the payload, if no plugin wraps them. */
  override wrapResolveType(
    resolveType: GraphQLTypeResolver<unknown, Types['Context']>,
    { name }: PothosInterfaceTypeConfig | PothosUnionTypeConfig,
  ): GraphQLTypeResolver<unknown, Types['Context']> {
    const { plugins } = this.builder.options;
    const isOurs = ownInterfaces.has(name) && !(plugins ?? []).some(wrapsTypeResolvers);
    return isOurs ? markPure(resolveType) : resolveType;
  }

  override afterBuild(schema: GraphQLSchema): GraphQLSchema {
    markExposed(schema);
    skipUnchanged(schema);
    schema.extensions = {
      ...schema.extensions,
      [definitionsExtension]: registryOf(this.builder as never).definitions,
    };
    return schema;
  }
}
