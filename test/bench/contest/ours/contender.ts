// statewire as it runs in production: limits, masking, expiry, auth.
import { RequestCache } from '@pothos/plugin-scope-auth';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { answerBench } from '../subject.ts';
import { type Context, defineOurs } from './schema.ts';

const { schema, ticksOf, beginTicks, stopTicks } = defineOurs();
const app = createApp<Context>({
  schema,
  store: memoryStore(),
  tokenSecret: 'the secret of a benchmark',
  eventContext: () => ({ user: true }),
});
const server = createServer(app, {
  context: () => ({ user: true }),
  // All that its auth scopes look at.
  shareKey: ({ user }) => (user ? 'user' : 'nobody'),
  forget: RequestCache.clearForContext,
});
const url = await server.listen(0, '127.0.0.1');

answerBench({
  port: Number(new URL(url).port),
  makeTokens: (count) => Array.from({ length: count }, () => app.issueToken()),
  subscriptions: () => app.subscribers,
  async startTicks(tokens) {
    const ticks = ticksOf(tokens.length);
    await Promise.all(
      tokens.map((token, index) => {
        const tick = ticks[index];
        return tick && app.dispatch(tick, app.keyOf(token), { context: { user: true } });
      }),
    );
    beginTicks(tokens.length);
  },
  async stopTicks() {
    stopTicks();
    while (app.backgroundTasks.size > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  },
});
