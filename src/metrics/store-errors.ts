import { Counter, type Registry } from 'prom-client';
import { listen } from '../diagnostics/listen.ts';
import { type StoreErrorMessage, storeErrorChannel } from '../diagnostics/store-error.ts';

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectStoreErrors(registry: Registry): () => void {
  const total = new Counter({
    name: 'statewire_store_errors_total',
    help: 'What the store has failed to do, by the code of the error.',
    labelNames: ['operation', 'code'],
    registers: [registry],
  });
  return listen<StoreErrorMessage>(storeErrorChannel, ({ operation, error }) => {
    total.inc({ operation, code: codeOf(error) });
  });
}

/** The error's code; UNKNOWN for what has none, or one that could be anything. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z_]{0,39}$/.test(code) ? code : 'UNKNOWN';
}
