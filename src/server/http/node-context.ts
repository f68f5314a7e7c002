import { IncomingMessage } from 'node:http';

/** What yoga is told beside the request: with Node's HTTP, the request as Node has it. */
export interface NodeContext {
  readonly req?: unknown;
}

/** Whether the request came over Node's HTTP/1. */
export function isOfNode({ req }: NodeContext): boolean {
  return req instanceof IncomingMessage;
}
