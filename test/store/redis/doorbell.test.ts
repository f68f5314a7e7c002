import { describe, it, onTestFinished } from 'vitest';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import type { Lease, StateStore } from '../../../src/store/state-store.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { commitNumber } from './numbered-commit.ts';
import { openStore } from './open-store.ts';

const key = hashToken('T');

/** Counts how often the store says that something was committed. */
function countRings(store: StateStore): { count: number } {
  const rings = { count: 0 };
  store.watch(key, {
    onCommit() {
      rings.count += 1;
    },
    onTasks() {},
    onCancel() {},
  });
  return rings;
}

async function acquire(store: StateStore): Promise<Lease> {
  return store.acquire(key, emptySnapshot, () => {});
}

describe('who watches a token is told of a commit', () => {
  it('if it begins to between two commits under one lease', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const { store: committer } = await openStore(redis.port);
    const { store: other } = await openStore(redis.port);
    const lease = await acquire(committer);
    // Nobody listens, so the next ones need not ask.
    await commitNumber(lease, 1);
    await commitNumber(lease, 2);
    const rings = countRings(other);
    await other.read(key, emptySnapshot);
    await commitNumber(lease, 3);
    await until(() => rings.count > 0, 'it is told');
  });

  it('if it has committed itself, and the lease has passed on', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const { store: first } = await openStore(redis.port);
    const { store: second } = await openStore(redis.port);
    const rings = countRings(first);
    await first.read(key, emptySnapshot);
    const lease = await acquire(first);
    await commitNumber(lease, 1);
    await commitNumber(lease, 2);
    const before = rings.count;
    const passing = acquire(second);
    await lease.release();
    await commitNumber(await passing, 3);
    await until(() => rings.count > before, 'it is told');
  });

  it('also if the node that commits does not know that it hears nothing itself', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const proxy = await TcpProxy.start(redis.port);
    onTestFinished(() => proxy.close());
    const { store: deaf } = await openStore(proxy.port);
    countRings(deaf);
    // Resolves when it is listening.
    await deaf.read(key, emptySnapshot);
    const lease = await acquire(deaf);
    await commitNumber(lease, 1);
    // That its connection has ended is held back too.
    proxy.stall('replies');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const { store: other } = await openStore(redis.port);
    const rings = countRings(other);
    await other.read(key, emptySnapshot);
    const committing = commitNumber(lease, 2);
    await until(() => rings.count > 0, 'the other is told');
    proxy.resume();
    await committing;
  });

  it('also if Redis has refused to tell it for a while', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const { store: refused } = await openStore(redis.port, 300);
    const { store: other } = await openStore(redis.port);
    await redis.command('ACL', 'SETUSER', 'default', 'resetchannels');
    const rings = countRings(refused);
    const refusals = async () => ((await redis.command('ACL', 'LOG')) as unknown[]).length;
    await until(async () => (await refusals()) > 0, 'it was refused');
    await redis.command('ACL', 'SETUSER', 'default', 'allchannels');
    const lease = await acquire(other);
    await until(() => rings.count > 0, 'it asks again, and looks what it has missed');
    const before = rings.count;
    await commitNumber(lease, 1);
    await until(() => rings.count > before, 'it is told');
  });
});
