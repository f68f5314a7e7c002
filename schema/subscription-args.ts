import type { SchemaTypes } from '@pothos/core';

type Fields = Pick<PothosSchemaTypes.SubscriptionFieldBuilder<SchemaTypes, object>, 'arg'>;

/** The arguments of every subscription to states. */
export function subscriptionArgs(t: Fields) {
  return {
    token: t.arg.id({ required: true }),
    since: t.arg.string({
      description: 'The cursor of the last diff you have; without it you get a snapshot.',
    }),
  };
}
