type Constructor = new (...args: never[]) => EventTarget;

/** What the WebSocket of `ws` has beside that of browsers. */
interface Emitter {
  on?(event: 'error', listener: () => void): unknown;
}

/**
 * The same class of WebSockets, for `ws` with a listener for errors: one that is
 * closed while it connects has an error, and graphql-ws listens no more by then.
 * Without a listener it would end the process.
 */
export function withErrorListener(webSocketImpl: unknown): unknown {
  if (typeof webSocketImpl !== 'function') return webSocketImpl;
  if (typeof (webSocketImpl.prototype as Emitter).on !== 'function') return webSocketImpl;
  return class extends (webSocketImpl as Constructor) {
    constructor(...args: never[]) {
      super(...args);
      (this as Emitter).on?.('error', () => {});
    }
  };
}
