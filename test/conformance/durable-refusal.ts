import { createApp } from 'statewire';
import { describe, expect, it } from 'vitest';
import { defineCell } from '../support/cell.ts';
import { createBuilder, type StoreFactory } from '../support/lab.ts';

/** For a store that has no durable tasks. */
export function durableRefusalTests(createStore: StoreFactory): void {
  describe('createApp', () => {
    it('refuses a schema with a durable event, and names it', async () => {
      const builder = createBuilder();
      const Cell = defineCell(builder);
      Cell.background('work').resolve(async () => {});
      Cell.background('lasting', { durable: true }).resolve(async () => {});
      const schema = builder.toSchema();
      const store = await createStore();
      expect(() => createApp({ schema, store, development: true })).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          message: expect.stringMatching(/durable tasks, for Cell\.lasting: lmdbStore/),
        }),
      );
    });
  });
}
