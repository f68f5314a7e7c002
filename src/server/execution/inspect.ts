import { GraphQLBoolean } from 'graphql';

const prefix = 'Boolean cannot represent a non boolean value: ';

/** A value as graphql prints it in messages. It exports no such function, but this one of its messages ends with it. */
export function inspect(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  try {
    GraphQLBoolean.parseValue(value);
  } catch (error) {
    const { message } = error as Error;
    if (!message.startsWith(prefix)) throw error;
    return message.slice(prefix.length);
  }
  throw new TypeError('Expected graphql to refuse a value that is no boolean.');
}
