import { graphql } from '../../gql/index.ts';

export const WatchAccount = graphql(`
  subscription WatchAccount($token: ID!, $since: String) {
    account(token: $token, since: $since) {
      cursor
      version
      since
      state {
        id
        balance
      }
    }
  }
`);

export const Deposit = graphql(`
  mutation Deposit($token: ID!, $amount: Int!) {
    accountDeposit(token: $token, amount: $amount) {
      version
    }
  }
`);

export const Withdraw = graphql(`
  mutation Withdraw($token: ID!, $amount: Int!) {
    accountWithdraw(token: $token, amount: $amount) {
      __typename
      ... on InsufficientFunds {
        message
      }
    }
  }
`);

export const Annotate = graphql(`
  mutation Annotate($token: ID!, $note: String!) {
    accountAnnotate(token: $token, note: $note) {
      version
    }
  }
`);
