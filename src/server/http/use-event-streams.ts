import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { EventStream } from './event-stream.ts';
import { isOfNode, type NodeContext } from './node-context.ts';

const headers = {
  'Content-Type': 'text/event-stream',
  Connection: 'keep-alive',
  'Cache-Control': 'no-cache',
  'Content-Encoding': 'none',
};

/** Sends what yoga would send as server-sent events by a stream of Node, where there is one. */
export function useEventStreams(): Plugin<object, NodeContext> {
  const subscriptions = new WeakSet<Request>();
  return {
    onSubscribe({ args }) {
      const { request } = args.contextValue as { readonly request?: Request };
      if (request) subscriptions.add(request);
    },
    onResultProcess({ request, result, resultProcessor, setResultProcessor, serverContext }) {
      // Yoga knows no other way for the results of a subscription. It has found that the client takes it.
      if (!resultProcessor || !subscriptions.has(request)) return;
      if (!isAsyncIterable<ExecutionResult>(result) || !isOfNode(serverContext)) return;
      setResultProcessor((results, fetchAPI) => {
        const stream = new EventStream(results as AsyncIterable<ExecutionResult>);
        // On Node, the Response of yoga takes such a stream too.
        return new fetchAPI.Response(stream as never, { headers: { ...headers } });
      }, 'text/event-stream');
    },
  };
}
