import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { MessageType } from 'graphql-ws';

/** As JSON: to make an object of both only for that takes half as long again. */
function messageWith(id: string, type: MessageType, payload: unknown): string {
  return `{"id":${JSON.stringify(id)},"type":"${type}","payload":${JSON.stringify(payload)}}`;
}

/** @throws TypeError if the result cannot be written as JSON */
export function nextMessage(id: string, result: FormattedExecutionResult): string {
  return messageWith(id, MessageType.Next, result);
}

export function errorMessage(id: string, errors: readonly GraphQLFormattedError[]): string {
  return messageWith(id, MessageType.Error, errors);
}

export function completeMessage(id: string): string {
  return `{"id":${JSON.stringify(id)},"type":"${MessageType.Complete}"}`;
}
