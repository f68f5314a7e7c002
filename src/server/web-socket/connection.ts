import type { Duplex } from 'node:stream';
import {
  CloseCode,
  type CompleteMessage,
  type Context,
  MessageType,
  type WebSocket as ProtocolSocket,
  type Server,
  type SubscribeMessage,
  validateMessage,
} from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { isObject } from '../../values/plain.ts';
import { DeliveryWatch } from '../delivery-watch.ts';
import type { Exchange, Message, Party } from './exchange.ts';
import type { Operations } from './operations.ts';
import type { Asker } from './running-operation.ts';
import { RunningOperations } from './running-operations.ts';
import type { SocketRequest } from './socket-request.ts';
import { encodeTextFrames } from './text-frames.ts';

/** From this many unsent bytes on, a connection's subscriptions wait for the socket. */
const highWaterMarkBytes = 64 * 1024;

/** How long a client may take to say `connection_init`. */
const initTimeoutMs = 3_000;

/** Sent to a client that takes nothing: it reconnects by itself. */
const tryAgainLater = 1013;

/** What the connections of a server share. */
export interface ConnectionHost {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly protocol: Server<Connection>;
  readonly operations: Operations;
  readonly exchange: Exchange;
  /** Its socket is closed. */
  onClose(connection: Connection): void;
}

/** A socket of `ws` that knows what it belongs to: all of them have the same few listeners, none its own. */
export class ClientSocket extends WebSocket {
  connection: Connection | null = null;
}

/**
 * A socket of `ws` as graphql-ws wants it. Our own and not graphql-ws' adapter,
 * which awaits every frame: here the messages of one turn leave in one write, and
 * `send` makes its caller wait only while the socket is behind. Operations are begun and
 * ended here too, without the dozen promises and functions that graphql-ws makes for each. The
 * handshake, pings, and what is wrong with a message are its own.
 */
export class Connection implements ProtocolSocket, Asker, Party {
  readonly info: SocketRequest;
  readonly running = new RunningOperations();
  readonly #socket: ClientSocket;
  readonly #stream: Duplex;
  readonly #host: ConnectionHost;
  readonly #delivery: DeliveryWatch;
  readonly #closed: ReturnType<ConnectionHost['protocol']['opened']>;
  #handle: ((message: string) => Promise<void>) | null = null;
  /** What graphql-ws knows of it, since `connection_init`. */
  #context: Context | null = null;
  /** Whether the client has answered the latest ping. */
  #answered = true;
  #hasEnded = false;
  /** What comes in from here on is for nobody: a subscription that it would begin would never be ended. */
  #isClosing = false;
  /** Messages that leave at the end of the turn, and their length. */
  #waiting: string[] | null = null;
  #waitingLength = 0;
  /** Whoever waits for room, until there is some. */
  #drained: Promise<void> | null = null;
  #onDrained: (() => void) | null = null;

  /** The time for `connection_init` is not counted any more: a timer of graphql-ws would stay as long as the socket. */
  #stopInitTimeout: (() => void) | null;

  constructor(
    socket: ClientSocket,
    { stream, info }: { readonly stream: Duplex; readonly info: SocketRequest },
    host: ConnectionHost,
  ) {
    this.info = info;
    this.#socket = socket;
    this.#stream = stream;
    this.#host = host;
    this.#delivery = new DeliveryWatch(stream);
    this.#stopInitTimeout = host.clock.after(initTimeoutMs, () =>
      this.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    );
    this.#closed = host.protocol.opened(this, this);
    socket.connection = this;
    socket.on('message', onMessage);
    socket.on('pong', onPong);
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(data: string): Promise<void> | undefined {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return undefined;
    this.#waitingLength += data.length;
    if (this.#waiting) {
      this.#waiting.push(data);
    } else {
      this.#waiting = [data];
      this.#host.exchange.send(this);
    }
    return this.#isFull ? this.#untilDrained() : undefined;
  }

  close(code?: number, reason?: string): void {
    this.#isClosing = true;
    this.flush();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  onMessage(handle: (message: string) => Promise<void>): void {
    this.#handle = handle;
  }

  /** The client has said `connection_init`. */
  begin(context: Context): void {
    this.#stopInitTimeout?.();
    this.#stopInitTimeout = null;
    this.#context = context;
    if (context.connectionParams) this.info.connectionParams = context.connectionParams;
  }

  /** A message from the socket. */
  onMessageData(data: Message): void {
    if (!this.#isClosing) this.#host.exchange.receive(this, data);
  }

  receive(data: Message): void {
    if (this.#isClosing) return;
    const message = parsed(String(data));
    if (this.#context?.acknowledged && isOfOperation(message)) {
      this.#receiveOfOperation(message);
    } else {
      this.#handle?.(message as string).catch((error: unknown) => this.failed(error));
    }
  }

  #receiveOfOperation(message: OperationMessage): void {
    const { id } = message;
    const running = this.running.get(id);
    if (message.type === MessageType.Complete) void running?.stop();
    else if (!running) this.#host.operations.begin(message, this);
    else this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
  }

  /** graphql-ws throws for a message that only servers send, and closes for any other bad one. */
  failed(error: unknown): void {
    if (String(error).includes('Unexpected message of type')) {
      this.close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    this.#host.logger.error({ err: error }, 'handling a WebSocket message failed');
    this.close(CloseCode.InternalServerError, 'Internal server error');
  }

  /** The client has answered a ping. */
  answered(): void {
    this.#answered = true;
  }

  /** ws closes the socket itself after an error, a malformed frame for instance. */
  onSocketError(error: Error): void {
    this.#host.logger.debug({ err: error }, 'WebSocket error');
  }

  /**
   * Pings the client. Ends what is open for it if since the last look it has neither
   * answered nor taken a byte of what waited for it. What goes into an empty buffer
   * proves nothing: the operating system takes that.
   */
  look(): void {
    if (this.#hasEnded) return;
    const isMoving = this.#delivery.look() === 'moving';
    if (this.#answered || isMoving) {
      this.#answered = false;
      this.#socket.ping();
      return;
    }
    const waitingBytes = this.#stream.writableLength;
    this.#host.logger.info({ waitingBytes }, 'a client takes nothing: its WebSocket is closed');
    const reason = 'Nothing was taken for too long';
    this.close(tryAgainLater, reason);
    // The close frame waits behind all the rest, so that the socket may stay for long.
    this.#end(tryAgainLater, reason);
  }

  closed(code: number, reason: string): void {
    // What came before is done before.
    this.#host.exchange.deliver();
    this.#isClosing = true;
    this.#onDrained?.();
    this.#host.onClose(this);
    this.#end(code, reason);
  }

  #end(code: number, reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopInitTimeout?.();
    this.running.stop();
    this.#closed(code, reason).catch((error: unknown) => {
      this.#host.logger.error({ err: error }, 'closing a WebSocket failed');
    });
  }

  /** Writes what waits: at the end of the turn, or before. */
  flush(): void {
    const messages = this.#waiting;
    if (!messages) return;
    this.#waiting = null;
    this.#waitingLength = 0;
    const { readyState, OPEN } = this.#socket;
    if (readyState !== OPEN) return;
    const frames = encodeTextFrames(messages);
    if (this.#drained) this.#stream.write(frames, (error) => this.#onWritten(error));
    else this.#stream.write(frames);
  }

  get #isFull(): boolean {
    return this.#waitingLength + this.#stream.writableLength > highWaterMarkBytes;
  }

  /** Not by 'drain', which comes only after a write that was too much for the stream. */
  #untilDrained(): Promise<void> {
    this.#drained ??= new Promise<void>((resolve) => {
      this.#onDrained = () => {
        this.#drained = null;
        this.#onDrained = null;
        resolve();
      };
    });
    return this.#drained;
  }

  /** Also if it has failed: then the socket is about to close. */
  #onWritten(error: Error | null | undefined): void {
    if (error || !this.#isFull) this.#onDrained?.();
  }
}

function onMessage(this: WebSocket, data: Message): void {
  connectionOf(this)?.onMessageData(data);
}

function onPong(this: WebSocket): void {
  connectionOf(this)?.answered();
}

function onError(this: WebSocket, error: Error): void {
  connectionOf(this)?.onSocketError(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  connectionOf(this)?.closed(code, String(reason));
}

function connectionOf(socket: WebSocket): Connection | null {
  return (socket as ClientSocket).connection;
}

type OperationMessage = SubscribeMessage | CompleteMessage;

/** Whether it begins or ends an operation. Any other is graphql-ws' business, also one that is malformed. */
function isOfOperation(message: unknown): message is OperationMessage {
  const type = isObject(message) ? (message as { readonly type?: unknown }).type : null;
  if (type !== MessageType.Subscribe && type !== MessageType.Complete) return false;
  try {
    validateMessage(message);
    return true;
  } catch {
    return false;
  }
}

/** graphql-ws takes messages parsed as well, and has an answer to what is no message. */
function parsed(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'string' ? text : message;
  } catch {
    return text;
  }
}
