import { createPubSub, createSchema } from 'graphql-yoga';
import { type Cell, cellAt } from '../cell.ts';

interface Ticker {
  readonly due: number;
}

const typeDefs = /* GraphQL */ `
  type Cell {
    n: Int!
    label: String!
    ratio: Float!
    on: Boolean!
    count: Int!
  }
  type Ticker {
    due: Float!
  }
  type Query {
    cell(token: ID!): Cell!
  }
  type Mutation {
    cellBump(token: ID!): Cell!
  }
  type Subscription {
    cell(token: ID!): Cell!
    ticker(token: ID!): Ticker!
  }
`;

interface TokenArgs {
  readonly token: string;
}

/** States in a map, and whoever watches one gets all of it at each change. */
export function defineHand() {
  const pubSub = createPubSub<{
    cell: [token: string, cell: Cell];
    ticker: [token: string, ticker: Ticker];
  }>();
  const cells = new Map<string, Cell>();
  const tickers = new Map<string, Ticker>();
  let subscriptions = 0;

  const cellOf = (token: string) => {
    let cell = cells.get(token);
    if (!cell) {
      cell = cellAt(0);
      cells.set(token, cell);
    }
    return cell;
  };

  const schema = createSchema({
    typeDefs,
    resolvers: {
      Query: { cell: (_root, { token }: TokenArgs) => cellOf(token) },
      Mutation: {
        cellBump(_root, { token }: TokenArgs) {
          const cell = cellAt(cellOf(token).n + 1);
          cells.set(token, cell);
          pubSub.publish('cell', token, cell);
          return cell;
        },
      },
      Subscription: {
        cell: {
          subscribe(_root, { token }: TokenArgs) {
            cellOf(token);
            subscriptions += 1;
            return pubSub.subscribe('cell', token);
          },
          resolve: (cell: Cell) => cell,
        },
        ticker: {
          subscribe(_root, { token }: TokenArgs) {
            subscriptions += 1;
            return pubSub.subscribe('ticker', token);
          },
          resolve: (ticker: Ticker) => ticker,
        },
      },
    },
  });

  return {
    schema,
    subscriptions: () => subscriptions,
    tick(token: string, due: number): void {
      const ticker = { due };
      tickers.set(token, ticker);
      pubSub.publish('ticker', token, ticker);
    },
  };
}
