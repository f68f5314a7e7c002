import SchemaBuilder from '@pothos/core';
import { createApp, memoryStore, statewire } from 'statewire';
import { createServer } from 'statewire/server';

const builder = new SchemaBuilder({ plugins: [statewire()] });

const Counter = builder.state('Counter', {
  vars: (t) => ({ n: t.int({ default: 0 }), running: t.boolean({ default: false }) }),
  computed: (t) => ({ even: t.boolean({ resolve: (s) => s.n % 2 === 0 }) }),
});

Counter.event('start').resolve((s) => {
  s.running = true;
  return count; // starts after the commit
});

const count = Counter.background('count').resolve(async (self) => {
  for (let i = 0; i < 10; i += 1) {
    await self.modifyState((s) => void s.n++); // the lock is held only in here
    await self.sleep(500);
  }
  await self.modifyState((s) => s.reset());
});

const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
const url = await createServer(app).listen(Number(process.env.PORT ?? 4000));
console.log(`GraphiQL at ${url}/graphql`);
