import type { TypedDocumentNode } from '@urql/core';
import type { DiffOf } from 'statewire/client';
import { byId } from './dom.ts';
import { Failure } from './failure.ts';
import { type LiveVariables, Session, type WithToken } from './session.ts';

/** What a page does with the session it has started. */
export interface Page {
  readonly session: Session;
  /** Renders every state that comes, the first one included. Failures are shown. */
  render<Data>(
    subscription: TypedDocumentNode<Data, LiveVariables>,
    render: (diff: DiffOf<Data>) => void,
  ): void;
  /** Takes all that a subscription without a cursor brings, from its beginning after each break. */
  listen<Data>(
    subscription: TypedDocumentNode<Data, WithToken>,
    onData: (data: Data) => void,
  ): void;
  /** Runs an action of the user. Returns why it failed, which is shown then; null if it did not. */
  act(action: () => Promise<unknown>): Promise<Failure | null>;
}

/**
 * Connects the page to the server. It needs an element `connection`, which
 * tells how the connection is, and an element `error` for what went wrong.
 */
export function startPage(): Page {
  const connection = byId('connection', HTMLElement);
  const errorText = byId('error', HTMLElement);

  const session = new Session((now) => {
    connection.dataset['state'] = now;
    connection.textContent = now;
  });

  const show = (error: unknown): Failure => {
    if (!(error instanceof Failure)) throw error;
    errorText.replaceChildren(error.message, ' ', codeElement(error.code));
    return error;
  };

  return {
    session,
    render(subscription, render) {
      const watching = session.watch(subscription, (diff) => {
        render(diff);
        document.body.setAttribute('aria-busy', 'false');
      });
      watching.catch(show);
    },
    listen(subscription, onData) {
      session.listen(subscription, onData).catch(show);
    },
    async act(action) {
      errorText.replaceChildren();
      try {
        await action();
        return null;
      } catch (error) {
        return show(error);
      }
    },
  };
}

function codeElement(code: string): HTMLElement {
  const element = document.createElement('code');
  element.textContent = code;
  return element;
}
