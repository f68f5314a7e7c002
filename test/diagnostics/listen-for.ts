import { onTestFinished } from 'vitest';
import { listen } from '../../src/diagnostics/listen.ts';

/** What is published on a channel until the test ends. */
export function listenFor<Message>(channel: string): Message[] {
  const messages: Message[] = [];
  onTestFinished(listen<Message>(channel, (message) => messages.push(message)));
  return messages;
}
