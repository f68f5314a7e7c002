import type { Plugin } from 'graphql-yoga';

/**
 * Ends the subscription of an HTTP request whose client is gone, also if it
 * left while the subscription was being made.
 */
export function useAbortedRequests(): Plugin {
  return {
    onSubscribe({ args }) {
      const { request } = args.contextValue as { request?: Request };
      if (!request) return undefined;
      return {
        onSubscribeResult({ result }) {
          if (!(Symbol.asyncIterator in result)) return;
          const end = () => void (result as AsyncIterableIterator<unknown>).return?.();
          if (request.signal.aborted) end();
          else request.signal.addEventListener('abort', end, { once: true });
        },
      };
    },
  };
}
