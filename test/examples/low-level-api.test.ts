import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerData } from '../../examples/low-level-api/data.ts';
import { startExamples } from './start-examples.ts';

interface Diff {
  readonly lowLevel: { readonly state: { readonly result: string } };
}

async function serveData(): Promise<string> {
  const server = createServer(answerData);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the low-level example', () => {
  it('shows that it fetches, then what it has fetched', async () => {
    await using examples = startExamples({ dataUrl: await serveData() });
    const client = examples.client();
    const subscription = client.subscribe<Diff>(
      'subscription ($token: ID!) { lowLevel(token: $token) { state { result } } }',
    );
    await client.run('mutation ($token: ID!) { lowLevelFetchData(token: $token) { version } }');
    const results = (await subscription.take(3)).map(({ lowLevel }) => lowLevel.state.result);
    expect(results.slice(0, 2)).toEqual(['', 'Fetching…']);
    expect(results[2]).toMatch(/^Fetched at \d{4}-/);
  });
});
