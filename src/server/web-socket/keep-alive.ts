import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Clock } from '../../time/clock.ts';
import { DeliveryWatch, livenessIntervalMs } from '../delivery-watch.ts';

/**
 * Pings at each interval, and calls `onGone` once when from one interval to the
 * next its client has neither answered a ping nor taken a byte of what waited
 * for it. What goes into an empty buffer proves nothing: the operating system
 * takes that. Returns how to stop.
 */
export function keepAlive(
  socket: WebSocket,
  stream: Duplex,
  { clock, onGone }: { readonly clock: Clock; readonly onGone: () => void },
): () => void {
  const delivery = new DeliveryWatch(stream);
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const stop = clock.every(livenessIntervalMs, () => {
    const moving = delivery.look() === 'moving';
    if (!answered && !moving) {
      stop();
      return onGone();
    }
    answered = false;
    socket.ping();
  });
  return stop;
}
