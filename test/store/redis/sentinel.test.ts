import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { redisStore } from 'statewire/redis';
import { expect, it, onTestFinished } from 'vitest';
import { defineCell } from '../../support/cell.ts';
import { freePort } from '../../support/free-port.ts';
import { startLab } from '../../support/lab.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { end, spawnTied } from '../../support/tied-process.ts';

/** One Sentinel that watches over a master and its replicas. Resolves to its port when it does. */
async function startSentinel(master: RedisServer): Promise<number> {
  const port = await freePort();
  const config = join(temporaryFolder(), 'sentinel.conf');
  const settings = [
    `port ${port}`,
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 2000',
  ];
  writeFileSync(config, settings.join('\n'));
  const program = process.env['REDIS_SERVER_PATH'] || 'redis-server';
  const child = spawnTied(program, [config, '--sentinel'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => end(child, 'SIGKILL'));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    // It has found the replica, which it could not promote otherwise.
    if (line.includes('+slave')) break;
  }
  child.stdout?.resume();
  return port;
}

it('goes on with the replica that a Sentinel promotes: every subscriber has what is there', async () => {
  const master = await RedisServer.start();
  onTestFinished(() => master.stop());
  const replica = await RedisServer.startReplica(master.port);
  onTestFinished(() => replica.stop());
  const sentinel = await startSentinel(master);
  const client = new Redis({
    sentinels: [{ host: '127.0.0.1', port: sentinel }],
    name: 'main',
    lazyConnect: true,
  });
  const lab = await startLab(() => redisStore({ client }), defineCell);
  const increment = 'mutation { cellIncrement(token: "T") { version } }';
  const subscription = lab.client.subscribe(
    'subscription { cell(token: "T") { version since reset state { n } } }',
  );
  for (let i = 0; i < 20; i += 1) await lab.client.run(increment);
  await master.kill();
  const { version } = await lab.client.run(increment);
  // A version that there was not before.
  for (let i = version; i < 25; i += 1) await lab.client.run(increment);
  const diffs = await subscription.takeUntil((diff) => diff.version === 25);
  expect(diffs.at(-1)).toMatchObject({ reset: false, state: { n: 25 } });
  // What was acknowledged and not replicated is gone, and then that was said.
  if (version < 21) expect(diffs.filter(({ reset }) => reset)).toHaveLength(2);
  expect(await lab.client.run('{ cell(token: "T") { n } }')).toEqual({ n: 25 });
});
