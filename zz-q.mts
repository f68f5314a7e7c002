import { createApp, memoryStore } from 'statewire';
import { createBuilder } from '/work/main/test/support/lab.ts';
const builder = createBuilder();
const Cell = builder.state('Cell', { vars: (t:any) => ({ n: t.int({ default: 0 }) }) });
const inc = Cell.event('inc').resolve((s:any)=>{ s.n+=1; });
const lim = Cell.background('lim', { concurrency: { limit: 1 } }).resolve(async () => {});
const free = Cell.background('free').resolve(async () => {});
const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true } as any);
const key = app.keyOf('T');
const keys = Array.from({length:50},(_, i)=>app.keyOf('T'+i));
for (let round=0; round<4; round++) {
  const t=performance.now(); const N=400;
  await Promise.all(keys.map(async k => { for (let i=0;i<N;i++) await app.dispatch(inc as any, k); }));
  console.log('events/s', Math.round(50*N/((performance.now()-t)/1000)));
}
await app.close();
