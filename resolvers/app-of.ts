import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { AppCore } from '../src/engine/app-core.ts';

const extensionName = 'statewire.app';

/** The schema's app, for a schema that carries {@link appExtensions}. */
export function appOf(info: GraphQLResolveInfo): AppCore {
  const app = info.schema.extensions[extensionName];
  if (!app) {
    throw new TypeError(
      'Expected app.schema of createApp({ schema }), got a schema without an app.',
    );
  }
  return app as AppCore;
}

/** The extensions by which resolvers find the app. */
export function appExtensions(schema: GraphQLSchema, app: AppCore): Record<string, unknown> {
  return { ...schema.extensions, [extensionName]: app };
}
