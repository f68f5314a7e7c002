import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { DeltaEncoder } from '../delta/delta-encoder.ts';
import { deltaVersion } from '../delta/patch.ts';
import { mapAsyncIterator } from '../stream/map-async-iterator.ts';

/** What the transports put into the context of an operation. */
interface OperationContext {
  readonly params?: { readonly extensions?: unknown };
}

/**
 * Sends the results of a subscription as differences to the ones before, if its
 * client asked for them with `extensions: { delta: 1 }`; see PROTOCOL.md. Must
 * be the last plugin: what it gives are no results any more.
 */
export function useWireDelta(): Plugin {
  return {
    onSubscribe({ args }) {
      if (!isAskedFor(args.contextValue as OperationContext)) return undefined;
      return {
        onSubscribeResult({ result, setResult }) {
          if (!(Symbol.asyncIterator in result)) return;
          const encoder = new DeltaEncoder();
          const results = result as AsyncIterableIterator<ExecutionResult>;
          setResult(mapAsyncIterator(results, (each) => encoder.encode(each) as ExecutionResult));
        },
      };
    },
  };
}

/** Another version gets plain results: it cannot read ours. */
function isAskedFor({ params }: OperationContext): boolean {
  const extensions = params?.extensions as { readonly delta?: unknown } | null | undefined;
  return extensions?.delta === deltaVersion;
}
