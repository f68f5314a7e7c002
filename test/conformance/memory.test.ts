import { memoryStore } from 'statewire';
import { forwardTo } from '../support/forward-store.ts';
import { conformanceSuite } from './conformance-suite.ts';

conformanceSuite('memory', () => {
  const store = memoryStore();
  // It lives as long as its process: a restart is another app on the same store.
  return () => forwardTo(store, { close: async () => {} });
});
