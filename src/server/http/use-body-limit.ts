import { createGraphQLError, type Plugin } from 'graphql-yoga';
import { isOfNode, type NodeContext } from './node-context.ts';

/** As yoga's own limit has it. */
const maxBytes = 25_000_000;

/**
 * Refuses bodies of more than 25 MB, with the answers of yoga's `maxRequestBodySize`. That
 * sends every body through a stream which counts, for a fifth of all that a request costs.
 * Here a body is counted only if nobody else does it.
 */
export function useBodyLimit(): Plugin<object, NodeContext> {
  return {
    onRequestParse({ request, serverContext, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length');
      if (length !== null) {
        if (!/^\d+$/.test(length)) throw invalidLength();
        if (Number(length) > maxBytes) throw tooLarge();
      }
      if (isWithinLimit(request, serverContext) || !requestParser || !request.body) return;
      setRequestParser(async ({ url, method, headers, signal, body }) => {
        const bytes = body && (await readBytes(body));
        return requestParser(new fetchAPI.Request(url, { method, headers, signal, body: bytes }));
      });
    },
  };
}

/** Whether the body has a length that Node's HTTP parser keeps to, and that is no more than the limit. */
export function isWithinLimit({ headers }: Request, serverContext: NodeContext): boolean {
  const length = headers.get('content-length');
  if (length === null || headers.get('transfer-encoding') !== null) return false;
  return Number(length) <= maxBytes && isOfNode(serverContext);
}

/** @throws GraphQLError if there are too many. */
async function readBytes(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { value: chunk, done } = await reader.read();
    if (done) break;
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function invalidLength(): Error {
  return createGraphQLError('Content-Length header is invalid.', {
    extensions: { http: { status: 400 }, code: 'BAD_REQUEST' },
  });
}

function tooLarge(): Error {
  return createGraphQLError('Request body too large', {
    extensions: { http: { status: 413 }, code: 'REQUEST_ENTITY_TOO_LARGE' },
  });
}
