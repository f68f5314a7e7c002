import type { Logger } from '../logging/logger.ts';

/** Warnings and errors on the console, one JSON line each; inject pino or the like for more. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn(details, message) {
    console.warn(line('warn', details, message));
  },
  error(details, message) {
    console.error(line('error', details, message));
  },
};

function line(level: string, details: object, message: string): string {
  return JSON.stringify({ level, message, ...details }, (_key, value: unknown) =>
    value instanceof Error
      ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
      : value,
  );
}
