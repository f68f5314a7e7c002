import type { IncomingMessage } from 'node:http';
import type { RequestInfo } from '../graphql-pipeline.ts';

const noParams: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The request that opened a socket, and what its client has sent then. A `Request` takes
 * as much memory as all the rest of an idle connection: it is made when it is first read.
 */
export class SocketRequest implements RequestInfo {
  /** Of the object itself, so that a copy of it has the request too; one for all of them takes no memory. */
  static readonly #request = {
    enumerable: true,
    get(this: SocketRequest): Request {
      this.#made ??= toFetchRequest(this.#url, this.#headers);
      return this.#made;
    },
  };
  declare readonly request: Request;
  connectionParams = noParams;
  readonly #url: string;
  readonly #headers: IncomingMessage['headers'];
  #made: Request | null = null;

  constructor({ url = '/', headers }: IncomingMessage) {
    this.#url = url;
    this.#headers = headers;
    Object.defineProperty(this, 'request', SocketRequest.#request);
  }
}

/** Whatever a client wrote into `Host` must not stop the server. */
function toFetchRequest(url: string, headers: IncomingMessage['headers']): Request {
  const base = `http://${headers.host}`;
  const fetchHeaders = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const item of [value ?? []].flat()) fetchHeaders.append(name, item);
  }
  return new Request(new URL(url, URL.canParse(url, base) ? base : 'http://localhost'), {
    headers: fetchHeaders,
  });
}
