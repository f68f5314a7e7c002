import { ConflictError } from 'statewire';
import { expect, it, onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import { tokenKeys } from '../../../src/store/redis/keys.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { commitNumber, positionOf } from './numbered-commit.ts';
import { openStore } from './open-store.ts';

const key = hashToken('T');
const { head, log } = tokenKeys('statewire:', key);

it('a lease that was renewed after its history was taken back is not good for the history that is gone', async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const { store } = await openStore(redis.port, 300);
  const lease = await store.acquire(key, emptySnapshot, () => {});
  await commitNumber(lease, 1);
  await commitNumber(lease, 2);
  // As a replica has it that lacks the last commit.
  await redis.command('HSET', head, 'version', '1', 'id', positionOf(1).id);
  await redis.command('XDEL', log, '2-0');
  await expect(commitNumber(lease, 3)).rejects.toThrow(ConflictError);
  const endsAt = () => redis.command('HGET', head, 'until');
  const before = await endsAt();
  await until(async () => (await endsAt()) !== before, 'it is renewed');
  await lease.release();
  const next = await store.acquire(key, positionOf(2), () => {});
  expect(next.catchUp.snapshot).not.toBe(null);
  expect(next.catchUp.entries.map(({ version }) => version)).toEqual([1]);
  await next.release();
});
