import type { ExecutionResult, GraphQLError } from 'graphql';
import { MessageType } from 'graphql-ws';
import { textForClients, withoutInternals } from '../operation/for-clients.ts';

/** As JSON: to make an object of both only for that takes half as long again. */
function messageWith(id: string, type: MessageType, payload: string): string {
  return `{"id":${JSON.stringify(id)},"type":"${type}","payload":${payload}}`;
}

/** @throws TypeError if the result cannot be written as JSON */
export function nextMessage(id: string, result: ExecutionResult): string {
  return messageWith(id, MessageType.Next, textForClients(result));
}

export function errorMessage(id: string, errors: readonly GraphQLError[]): string {
  return messageWith(id, MessageType.Error, JSON.stringify(withoutInternals(errors)));
}

export function completeMessage(id: string): string {
  return `{"id":${JSON.stringify(id)},"type":"${MessageType.Complete}"}`;
}
