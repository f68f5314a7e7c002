import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { TcpProxy } from './tcp-proxy.ts';

async function startBehindProxy() {
  const server = await RedisServer.start();
  const proxy = await TcpProxy.start(server.port);
  const client = new Redis(proxy.port, '127.0.0.1', { retryStrategy: () => 5 });
  client.on('error', () => {});
  onTestFinished(async () => {
    client.disconnect();
    await proxy.close();
    await server.stop();
  });
  return { server, proxy, client };
}

describe('the proxy', () => {
  it('holds commands back, and then lets them go on', async () => {
    const { server, proxy, client } = await startBehindProxy();
    await client.ping();
    proxy.stall('both');
    const written = client.set('a', '1');
    expect(await server.command('GET', 'a')).toBeNull();
    proxy.resume();
    expect(await written).toBe('OK');
  });

  it('loses answers to what was done', async () => {
    const { server, proxy, client } = await startBehindProxy();
    await client.ping();
    proxy.stall('replies');
    const written = client.rpush('list', 'row');
    let length: unknown;
    void (async () => {
      while (length !== 1) length = await server.command('LLEN', 'list');
    })();
    await until(() => length === 1, 'the command arrives');
    proxy.cut();
    proxy.resume();
    // The client sends it again on its next connection: this is what stores must withstand.
    expect(await written).toBe(2);
  });

  it('leads all clients to another server', async () => {
    const { proxy, client } = await startBehindProxy();
    await client.set('name', 'first');
    const other = await RedisServer.start();
    onTestFinished(() => other.stop());
    await other.command('SET', 'name', 'second');
    proxy.retarget(other.port);
    expect(await client.get('name')).toBe('second');
  });
});
