import type { Duplex } from 'node:stream';

/** How often a connection is looked at, and a WebSocket pinged. */
export const livenessIntervalMs = 12_000;

/** What has happened to a connection between two looks at it. */
export type Delivery =
  /** Nothing was waiting for the client. */
  | 'idle'
  /** Bytes were waiting, and some have left. */
  | 'moving'
  /** Bytes were waiting, and none has left. */
  | 'stalled';

/** What Node has below a socket. */
interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  /** What TLS goes over: it counts what has left, TLS only what was encrypted. */
  readonly _parent?: Handle;
}

interface CountingStream {
  readonly bytesWritten?: number;
  readonly _handle?: Handle | null;
}

/** Sees whether a client takes what is sent to it, also while a single big write is under way. */
export class DeliveryWatch {
  readonly #stream: Duplex;
  #taken: number;
  #waited: boolean;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#taken = takenBytes(stream);
    this.#waited = stream.writableLength > 0;
  }

  /** What has happened since the last call. */
  look(): Delivery {
    const waited = this.#waited;
    const taken = this.#taken;
    this.#taken = takenBytes(this.#stream);
    this.#waited = this.#stream.writableLength > 0;
    if (!waited) return 'idle';
    return this.#taken === taken ? 'stalled' : 'moving';
  }
}

/**
 * The bytes that the operating system has accepted. Its own buffers are in it:
 * what lies there has left us, and nobody can see it go.
 *
 * The public `bytesWritten - writableLength` moves only when a write is done: a
 * client that takes a minute for a big snapshot would look as if it took nothing.
 * Node itself asks the handle, for its `socket.setTimeout`; see
 * https://github.com/nodejs/node/blob/v20.x/lib/net.js (`_onTimeout`).
 */
function takenBytes(stream: Duplex & CountingStream): number {
  const { _handle: handle, bytesWritten = 0 } = stream;
  if (!handle) return bytesWritten - stream.writableLength;
  const { bytesWritten: begun, writeQueueSize: waiting } = handle._parent ?? handle;
  return begun - waiting;
}
