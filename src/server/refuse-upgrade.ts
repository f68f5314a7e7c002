import type { Duplex } from 'node:stream';

/** Answers a WebSocket's handshake, and leaves it. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}
