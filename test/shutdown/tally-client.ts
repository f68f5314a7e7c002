import { SocketClient } from '../support/socket-client.ts';

const add = 'mutation ($token: ID!, $op: String!) { tallyAdd(token: $token, op: $op) { version } }';

/** What came of an operation: nobody knows if its connection was lost. */
type Outcome = 'done' | 'unknown' | { readonly refusal: unknown };

/** Sends events to one token as fast as they are answered, until the server will not take more. */
export class TallyClient {
  readonly acknowledged: string[] = [];
  /** The one that was not done, for all that this client knows. */
  last: { readonly op: string; readonly outcome: Outcome } | null = null;
  readonly name: string;
  readonly #token: string;
  readonly #send: (url: string) => { add: Add; close: () => Promise<void> };

  constructor(name: string, token: string, transport: 'WebSocket' | 'HTTP') {
    this.name = name;
    this.#token = token;
    this.#send = transport === 'HTTP' ? overHttp : overSocket;
  }

  async work(url: string): Promise<void> {
    const { add: send, close } = this.#send(url);
    for (let sent = 1; !this.last; sent += 1) {
      const op = `${this.name} ${sent}`;
      const outcome = await send({ token: this.#token, op }).catch(() => 'unknown' as const);
      if (outcome === 'done') this.acknowledged.push(op);
      else this.last = { op, outcome };
    }
    await close();
  }
}

type Add = (variables: { token: string; op: string }) => Promise<Outcome>;

interface Answer {
  readonly errors?: readonly { readonly extensions?: unknown }[] | undefined;
}

function outcomeOf({ errors }: Answer): Outcome {
  return errors ? { refusal: errors[0]?.extensions } : 'done';
}

function overSocket(url: string) {
  const client = new SocketClient(url);
  return {
    add: async (variables: Parameters<Add>[0]) => outcomeOf(await client.result(add, variables)),
    close: () => client.close(),
  };
}

function overHttp(url: string) {
  return {
    async add(variables: Parameters<Add>[0]) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: add, variables }),
      });
      return outcomeOf((await response.json()) as Answer);
    },
    close: async () => {},
  };
}
