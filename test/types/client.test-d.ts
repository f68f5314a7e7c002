import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { liveState, trackVersions, type UnresumableDiff, withDeltas } from 'statewire/client';
import { describe, expectTypeOf, test } from 'vitest';

const socket = createClient({ url: 'ws://localhost' });

interface Data {
  readonly __typename?: 'Subscription';
  readonly todos: {
    readonly cursor: string;
    readonly version: number;
    readonly changed: readonly ('ITEMS' | 'OPEN')[];
  };
}

declare const document: TypedDocumentNode<Data, { token: string; since?: string | null }>;

describe('liveState', () => {
  test('has the type of the diff from its document', () => {
    const live = liveState(socket, document, { token: 'T' });
    expectTypeOf(live.getSnapshot().diff).toEqualTypeOf<Data['todos'] | null>();
    expectTypeOf(live.reached(1)).resolves.toEqualTypeOf<Data['todos']>();
    expectTypeOf(live[Symbol.asyncIterator]().next()).resolves.toEqualTypeOf<
      IteratorResult<Data['todos']>
    >();
  });

  test('has the variables of its document', () => {
    liveState(socket, document, { token: 'T', since: null });
    // @ts-expect-error: the token is missing.
    liveState(socket, document, {});
    // @ts-expect-error: there is no such variable.
    liveState(socket, document, { token: 'T', id: '1' });
  });

  test('knows of a document in words that it gives diffs', () => {
    const { diff } = liveState(socket, 'subscription', { anything: 1 }).getSnapshot();
    expectTypeOf(diff?.cursor).toEqualTypeOf<string | undefined>();
    expectTypeOf(diff?.['state']).toEqualTypeOf<unknown>();
  });

  test('needs a cursor and a version', () => {
    const without = {} as TypedDocumentNode<{ todos: { version: number } }, { token: string }>;
    expectTypeOf(
      liveState(socket, without, { token: 'T' }).getSnapshot().diff,
    ).toEqualTypeOf<UnresumableDiff | null>();
  });
});

describe('wrapped clients', () => {
  test('are what they were', () => {
    expectTypeOf(withDeltas(socket)).toEqualTypeOf(socket);
    const sse = createSseClient({ url: 'http://localhost' });
    expectTypeOf(withDeltas(sse)).toEqualTypeOf(sse);
    expectTypeOf(trackVersions(withDeltas(socket)).shown).returns.toEqualTypeOf<Promise<void>>();
  });
});
