/** The sending side of a channel of `node:diagnostics_channel`. Ask `hasSubscribers` before a message is made. */
export interface Publisher<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}
