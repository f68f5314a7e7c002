// What one writes by hand: graphql-yoga, graphql-ws and createPubSub, as their docs join
// them (https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions#graphql-over-websocket-protocol-via-graphql-ws).
import { createServer } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { answerByTimers } from '../answer-by-timers.ts';
import { defineHand } from './schema.ts';

const { schema, subscriptions, tick } = defineHand();
const yoga = createYoga({ schema, graphiql: false });
const http = createServer(yoga);
const webSockets = new WebSocketServer({
  server: http,
  path: yoga.graphqlEndpoint,
  perMessageDeflate: false,
});

type Enveloped = ReturnType<typeof yoga.getEnveloped>;

/** The pipeline's functions, where the recipe puts them to be found for each operation. */
interface Arguments extends ExecutionArgs {
  readonly rootValue: Pick<Enveloped, 'execute' | 'subscribe'>;
}

useServer(
  {
    execute: (args) => (args as Arguments).rootValue.execute(args),
    subscribe: (args) => (args as Arguments).rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      } as never);
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      if (errors.length) return errors;
      return args;
    },
  },
  webSockets,
);
await answerByTimers({ http, subscriptions, tick });
