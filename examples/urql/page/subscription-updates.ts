import type { Link, UpdateResolver, UpdatesConfig } from '@urql/exchange-graphcache';

/** Puts the state that a subscription brings where the query of the same name finds it. */
function linkTo(query: string): UpdateResolver {
  return (result, { token }, cache) => {
    const { state } = result[query] as { readonly state: Link };
    cache.link('Query', query, { token: String(token) }, state);
  };
}

export const subscriptionUpdates: UpdatesConfig[string] = {
  myTask: linkTo('myTask'),
  todos: linkTo('todos'),
};
