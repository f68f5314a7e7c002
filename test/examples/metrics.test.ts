import { expect, it } from 'vitest';
import { startHttpDemo } from './start-http-demo.ts';

it('tells Prometheus what the demo does', async () => {
  const url = await startHttpDemo();
  const query = 'mutation { myTaskClearCounter(token: "T") { version } }';
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toContain(
    'statewire_events_total{state="MyTask",event="clearCounter",outcome="committed"} 1',
  );
});
