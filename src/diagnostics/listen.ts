import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Listens on a channel whose messages are of this type, until the returned function is called. */
export function listen<Message>(
  channel: string,
  onMessage: (message: Message) => void,
): () => void {
  const onUntyped = (message: unknown) => onMessage(message as Message);
  subscribe(channel, onUntyped);
  return () => void unsubscribe(channel, onUntyped);
}
