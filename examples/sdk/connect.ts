import { type DocumentNode, Kind, type OperationDefinitionNode, print } from 'graphql';
import { createReconnectingClient, withDeltas } from 'statewire/client';
import { getSdk, type Requester, type Sdk } from './generated.ts';
import { LiveSubscriptions } from './live-subscriptions.ts';
import { sendRequest } from './send-request.ts';

export interface ConnectOptions {
  /** Sent with every request, and as `connectionParams` of the WebSocket. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The class of WebSockets, where there is none of the platform: `ws`, in Node before 22. */
  readonly webSocketImpl?: unknown;
}

export interface Connection {
  /**
   * A method for each operation. Queries and mutations go over HTTP and throw a
   * `RequestError` if there are errors. Subscriptions share a WebSocket that
   * transfers differences; when it was lost they go on from their cursor, or begin anew
   * if they take none, and they throw a `SubscriptionRefusedError` of `statewire/client`
   * if there are errors.
   */
  readonly sdk: Sdk;
  /** Ends all subscriptions, whose loops just end, and the WebSocket. */
  close(): Promise<void>;
}

/** @param url of the GraphQL endpoint, over HTTP. */
export function connect(
  url: string,
  { headers = {}, webSocketImpl }: ConnectOptions = {},
): Connection {
  const endpoint = { url: new URL(url), headers };
  const socketUrl = new URL(url);
  socketUrl.protocol = socketUrl.protocol.replace('http', 'ws');
  const socket = createReconnectingClient({
    url: socketUrl.href,
    connectionParams: { ...headers },
    webSocketImpl,
  });
  const subscriptions = new LiveSubscriptions(withDeltas(socket));

  const requester: Requester = <Data, Variables>(document: DocumentNode, variables?: Variables) => {
    const operation = { query: print(document), variables: { ...variables } };
    const { operation: type, field, hasCursor } = definitionOf(document);
    if (type !== 'subscription') return sendRequest<Data>(endpoint, operation);
    return hasCursor
      ? subscriptions.dataOf<Data>(operation, field)
      : subscriptions.anewDataOf<Data>(operation);
  };

  return {
    sdk: getSdk(requester),
    async close() {
      await subscriptions.close();
      // It fails if it was just connecting, in vain.
      await Promise.resolve(socket.dispose()).catch(() => {});
    },
  };
}

/**
 * The type of the document's only operation, the name of its first field in the data,
 * and whether it can go on from a cursor.
 */
function definitionOf(document: DocumentNode) {
  const definition = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );
  const field = definition?.selectionSet.selections[0];
  if (field?.kind !== Kind.FIELD)
    throw new TypeError('Expected an operation that selects a field.');
  return {
    operation: definition?.operation,
    field: (field.alias ?? field.name).value,
    hasCursor: field.arguments?.some(({ name }) => name.value === 'since') ?? false,
  };
}
