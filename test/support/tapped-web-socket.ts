import { WebSocket } from 'ws';
import type { Data } from './socket-client.ts';

/** A WebSocket whose frames a test sees, changes, or keeps from its client, with null. */
export function tappedWebSocket(tap: (frame: Data) => Data | null) {
  return class extends WebSocket {
    override emit(event: string, ...args: Data[]): boolean {
      if (event !== 'message') return super.emit(event, ...args);
      const frame = tap(JSON.parse(String(args[0])));
      return frame === null || super.emit(event, Buffer.from(JSON.stringify(frame)), false);
    }
  };
}
