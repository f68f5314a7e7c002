import { SocketClient, type Subscription } from '../support/socket-client.ts';

/** A token's list, as far as its client knows. */
interface Known {
  readonly version: number;
  readonly titles: readonly string[];
}

/** More rows are taken out again: kills go on for a while. */
const maxRows = 20;

const add = `mutation ($token: ID!, $title: String!) {
  todosAdd(token: $token, title: $title) { version state { items { id title } } }
}`;
const remove = `mutation ($token: ID!, $id: ID!) {
  todosRemove(token: $token, id: $id) { version state { items { id title } } }
}`;
const read = 'query ($token: ID!) { todos(token: $token) { version items { id title } } }';
const watch = `subscription ($token: ID!, $since: String) {
  todos(token: $token, since: $since) { version since reset cursor state { items { title } } }
}`;

interface Row {
  readonly id: string;
  readonly title: string;
}

/**
 * One client of the demo: it changes its list as fast as it is answered, watches
 * it, and knows after each crash what must be there.
 */
export class TodoClient {
  readonly token: string;
  /** What is wrong, found by itself; empty if nothing is. */
  readonly violations: string[] = [];
  /** How many changes were acknowledged, and how many subscriptions went on without a reset. */
  acknowledged = 0;
  resumed = 0;
  /** As of the last answer. */
  #known: Known = { version: 0, titles: [] };
  /** What the change on its way leads to. */
  #pending: Known | null = null;
  #rows: readonly Row[] = [];
  #seen: { version: number; cursor: string } | null = null;
  #made = 0;

  constructor(token: string) {
    this.token = token;
  }

  /** Checks what the server has after a crash, then works until the server is gone. */
  async work(url: string): Promise<void> {
    const client = new SocketClient(url);
    const { token } = this;
    try {
      this.#check(await client.run(read, { token }));
      const subscription = client.subscribe(watch, { token, since: this.#seen?.cursor ?? null });
      await Promise.all([this.#watch(subscription), this.#change(client)]);
    } catch {
      // The server is gone: that is what this is about.
    } finally {
      await client.close();
    }
  }

  #check({ version, items }: { version: number; items: Row[] }): void {
    const found = JSON.stringify([version, items.map(({ title }) => title)]);
    const allowed = [this.#known, this.#pending].filter((known) => known !== null);
    const isAllowed = allowed.some(
      (known) => JSON.stringify([known.version, known.titles]) === found,
    );
    if (!isAllowed) {
      this.violations.push(
        `${this.token}: expected version ${this.#known.version} or the next, with their rows, got ${found}`,
      );
    }
    this.#accept(version, items);
  }

  async #change(client: SocketClient): Promise<never> {
    const { token } = this;
    for (;;) {
      const [first] = this.#rows;
      const { version, titles } = this.#known;
      if (first && titles.length >= maxRows) {
        this.#pending = { version: version + 1, titles: titles.slice(1) };
        this.#answered(await client.run(remove, { token, id: first.id }));
      } else {
        this.#made += 1;
        const title = `todo ${this.#made}`;
        this.#pending = { version: version + 1, titles: [...titles, title] };
        this.#answered(await client.run(add, { token, title }));
      }
    }
  }

  #answered({ version, state: { items } }: { version: number; state: { items: Row[] } }): void {
    if (version !== this.#known.version + 1) {
      this.violations.push(`${this.token}: version ${version} follows ${this.#known.version}`);
    }
    this.acknowledged += 1;
    this.#accept(version, items);
  }

  #accept(version: number, items: readonly Row[]): void {
    this.#rows = items;
    this.#known = { version, titles: items.map(({ title }) => title) };
    this.#pending = null;
  }

  async #watch(subscription: Subscription): Promise<never> {
    let isFirst = true;
    for (;;) {
      const { version, since, reset, cursor } = await subscription.next();
      if (!reset && since !== (this.#seen?.version ?? 0)) {
        this.violations.push(`${this.token}: a diff since ${since} follows ${this.#seen?.version}`);
      }
      if (reset && !isFirst) this.violations.push(`${this.token}: a reset while it was connected`);
      if (isFirst && !reset) this.resumed += 1;
      isFirst = false;
      this.#seen = { version, cursor };
    }
  }
}
