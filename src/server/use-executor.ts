import type { Plugin } from 'graphql-yoga';
import type { Executor } from './operation/executor.ts';

/** Executes operations as every transport does. */
export function useExecutor({ execute, subscribe }: Executor): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}
