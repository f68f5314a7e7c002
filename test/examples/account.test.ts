import { describe, expect, it } from 'vitest';
import { startExamples } from './start-examples.ts';

const deposit = (amount: number) =>
  `mutation ($token: ID!) { accountDeposit(token: $token, amount: ${amount}) { version } }`;
const withdraw = `mutation ($token: ID!, $amount: Int!) {
  accountWithdraw(token: $token, amount: $amount) {
    __typename
    ... on AccountEventResult { state { balance } }
    ... on InsufficientFunds { message missing }
  }
}`;
const annotate = `mutation ($token: ID!) {
  accountAnnotate(token: $token, note: "watch") { state { note } }
}`;
const read = 'query ($token: ID!) { account(token: $token) { balance version } }';
const readNote = 'query ($token: ID!) { account(token: $token) { balance note } }';

describe('the account example', () => {
  it('refuses an argument that its validation refuses (validation plugin)', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const { errors } = await client.execute(deposit(0));
    expect(errors).toMatchObject([
      { message: 'An amount is 1 or more.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(await client.run(read)).toEqual({ account: { balance: 0, version: 0 } });
    expect(examples.failures).toEqual([]);
  });

  it('answers with a type of the schema where an event fails as expected (errors plugin)', async () => {
    await using examples = startExamples();
    const client = examples.client();
    await client.run(deposit(10));
    expect(await client.run(withdraw, { amount: 25 })).toEqual({
      accountWithdraw: {
        __typename: 'InsufficientFunds',
        message: 'There is 15 too little in the account.',
        missing: 15,
      },
    });
    // Rolled back, and told to onError once.
    expect(await client.run(read)).toEqual({ account: { balance: 10, version: 1 } });
    expect(examples.failures.map(({ source }) => source.event)).toEqual(['withdraw']);
    expect(await client.run(withdraw, { amount: 4 })).toEqual({
      accountWithdraw: { __typename: 'AccountEventResult', state: { balance: 6 } },
    });
  });

  it('denies an event and a field to whom they are not for (scope-auth plugin)', async () => {
    await using examples = startExamples();
    const customer = examples.client();
    const denied = await customer.execute(annotate);
    expect(denied.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await customer.run(read)).toMatchObject({ account: { version: 0 } });

    const staff = examples.client({ staff: true });
    expect(await staff.run(annotate)).toEqual({ accountAnnotate: { state: { note: 'watch' } } });
    expect(await staff.run(readNote)).toEqual({ account: { balance: 0, note: 'watch' } });

    const { data, errors } = await customer.execute(readNote, { token: staff.token });
    expect(data).toEqual({ account: { balance: 0, note: null } });
    expect(errors).toMatchObject([
      { path: ['account', 'note'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('denies the field in diffs too, in the state and in the delta', async () => {
    await using examples = startExamples();
    const customer = examples.client();
    const staff = examples.client({ staff: true });
    const subscription = customer.subscribe(
      'subscription ($token: ID!) { account(token: $token) { changed delta { balance note } } }',
      { token: staff.token },
    );
    await expect(subscription.next()).rejects.toThrow(/note/);
    await customer.run(deposit(1), { token: staff.token });
    expect((await subscription.next()).value).toEqual({
      account: { changed: ['BALANCE'], delta: { balance: 1, note: null } },
    });
    await staff.run(annotate);
    await expect(subscription.next()).rejects.toThrow(/note/);
  });
});
