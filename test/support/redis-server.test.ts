import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer } from './redis-server.ts';

async function started(server: Promise<RedisServer>): Promise<RedisServer> {
  const running = await server;
  onTestFinished(() => running.stop());
  return running;
}

describe('Redis for tests', () => {
  it('keeps what was acknowledged through a kill -9', async () => {
    const server = await started(RedisServer.start());
    await server.command('SET', 'a', '1');
    await server.restart();
    expect(await server.command('GET', 'a')).toBe('1');
  });

  it('answers nobody while it is paused', async () => {
    const server = await started(RedisServer.start());
    server.pause();
    let answer: unknown = null;
    const answered = server.command('PING').then((text) => {
      answer = text;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answer).toBeNull();
    server.resume();
    await answered;
    expect(answer).toBe('PONG');
  });

  it('has replicas that take over', async () => {
    const master = await started(RedisServer.start());
    await master.command('SET', 'a', '1');
    const replica = await started(RedisServer.startReplica(master.port));
    await master.kill();
    await replica.promote();
    expect(await replica.command('GET', 'a')).toBe('1');
    expect(await replica.command('SET', 'a', '2')).toBe('OK');
    // It stays one.
    await replica.restart();
    expect(await replica.command('SET', 'a', '3')).toBe('OK');
  });

  it('takes options that win over its own', async () => {
    const server = await started(RedisServer.start(['--appendonly', 'no']));
    expect(await server.command('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no']);
  });
});
