/**
 * Calls code of the client's user. What it throws is told where errors that nobody
 * catches are: on its way back it would look like a broken connection.
 */
export function callReader(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
