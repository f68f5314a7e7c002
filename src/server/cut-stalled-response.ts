import type { ServerResponse } from 'node:http';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { DeliveryWatch, livenessIntervalMs } from './delivery-watch.ts';

/** Destroys a response when from one interval to the next its client has taken no byte of what waited for it. */
export function cutStalledResponse(
  response: ServerResponse,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): void {
  if (response.destroyed) return;
  const { socket } = response.req;
  const delivery = new DeliveryWatch(socket);
  const stop = clock.every(livenessIntervalMs, () => {
    if (delivery.look() !== 'stalled') return;
    logger.info(
      { waitingBytes: socket.writableLength },
      'a client takes nothing: its answer is cut',
    );
    response.destroy();
  });
  response.once('close', stop);
}
