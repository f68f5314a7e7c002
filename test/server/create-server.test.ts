import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { createApp, memoryStore } from 'statewire';
import { createServer } from 'statewire/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Deferred } from '../support/deferred.ts';
import { forwardTo } from '../support/forward-store.ts';
import { createBuilder, startLab } from '../support/lab.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { SocketClient } from '../support/socket-client.ts';
import { SseSubscription } from '../support/sse-client.ts';

async function startDemo(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/start.ts'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const { url } = JSON.parse(line);
    if (url) return { child, url };
  }
  throw new Error('Expected the demo to say where it listens.');
}

describe('createServer', () => {
  it('says that it lives and is ready, and hands other paths to the fallback', async () => {
    const { url } = await startLab(memoryStore, (builder) => {
      builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    });
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it('serves GraphiQL in development only, or as told, at the path it is told', async () => {
    const builder = createBuilder();
    builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const schema = builder.toSchema();
    const page = async (
      development: boolean,
      options: Parameters<typeof createServer>[1] = {},
      path = '/graphql',
    ): Promise<string> => {
      const app = createApp({ schema, store: memoryStore(), development });
      const server = createServer(app, { handleSignals: false, ...options });
      const url = await server.listen(0, '127.0.0.1');
      onTestFinished(() => server.close());
      const response = await fetch(url + path, { headers: { accept: 'text/html' } });
      return response.text();
    };
    expect(await page(true)).toMatch(/<html/);
    expect(await page(true, { graphiql: false })).not.toMatch(/<html/);
    expect(await page(false)).not.toMatch(/<html/);
    expect(await page(false, { graphiql: true })).toMatch(/<html/);
    expect(await page(true, { graphiql: () => 'my own page' })).toBe('my own page');
    expect(await page(true, { path: '/api' }, '/api')).toMatch(/<html/);
    expect(await page(true, { path: '/api' })).toBe('Not found\n');
  });

  it('is not ready while it closes, finishes what is under way, and takes nothing new', async () => {
    const inside = new Deferred();
    const goOn = new Deferred();
    const builder = createBuilder();
    const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    S.event('slow').resolve(async (s) => {
      s.n = 1;
      inside.resolve();
      await goOn.promise;
      s.n = 2;
    });
    S.event('quick').resolve((s) => {
      s.n += 10;
    });
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    const server = createServer(app, {
      handleSignals: false,
      graceMs: 10_000,
      fallback: (_request, response) => void response.end('fallback'),
    });
    const url = await server.listen(0, '127.0.0.1');
    expect(await (await fetch(`${url}/elsewhere`)).text()).toBe('fallback');
    const client = new SocketClient(url);
    const slow = client.run('mutation { sSlow(token: "T") { state { n } } }');
    const quick = client.run('mutation { sQuick(token: "T") { state { n } } }');
    await inside.promise;
    const overHttp = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"mutation { sQuick(token: \\"T\\") { state { n } } }"}',
    });
    const stream = new SseSubscription(url, 'subscription { s(token: "T") { state { n } } }');
    await stream.next();
    await client.run('{ s(token: "T") { n } }'); // answered after the quick one is in the queue

    const closing = server.close();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const { errors } = await client.result('mutation { sQuick(token: "U") { version } }');
    expect(errors?.[0]?.extensions).toEqual({ code: 'SHUTTING_DOWN', retryable: true });
    await expect(RawSocket.open(url)).rejects.toThrow(/503/);

    goOn.resolve();
    expect((await slow).state.n).toBe(2);
    expect(await (await overHttp).json()).toEqual({ data: { sQuick: { state: { n: 22 } } } });
    expect((await quick).state.n).toBe(12); // was queued before
    await closing;
    await expect(async () => {
      for (;;) await stream.next();
    }).rejects.toThrow(/terminated/);
    await server.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('sends the last answer before it closes the socket', async () => {
    const later = new Deferred<string>();
    const inside = new Deferred();
    const goOn = new Deferred();
    const { server, client } = await startLab(
      memoryStore,
      (builder) => {
        const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
        S.event('slow').resolve(async (s) => {
          inside.resolve();
          await goOn.promise;
          s.n = 2;
        });
        // Its answer is made from something slow, after the event's commit.
        builder.objectField(S, 'later', (t) =>
          t.string({ nullable: false, resolve: () => later.promise }),
        );
      },
      {},
      { graceMs: 10_000 },
    );
    const slow = client.run('mutation { sSlow(token: "T") { state { n later } } }');
    await inside.promise;
    const closing = server.close();
    goOn.resolve();
    setTimeout(() => later.resolve('at last'), 50);
    expect((await slow).state).toEqual({ n: 2, later: 'at last' });
    await closing;
  });

  it('answers what it was sent before, also if its context takes a while', async () => {
    const builder = createBuilder();
    const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    S.event('quick').resolve(() => {});
    const asked = new Deferred();
    const context = new Deferred<object>();
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    const server = createServer(app, {
      handleSignals: false,
      context: () => {
        asked.resolve();
        return context.promise;
      },
    });
    const client = new SocketClient(await server.listen(0, '127.0.0.1'));
    const late = client.result('mutation { sQuick(token: "T") { version } }');
    await asked.promise;
    const closing = server.close();
    // The app is closed by then: nothing else is under way.
    setTimeout(() => context.resolve({}), 200);
    expect((await late).errors?.[0]?.extensions).toEqual({
      code: 'SHUTTING_DOWN',
      retryable: true,
    });
    await closing;
  });

  it('ends each HTTP connection with its response from when it closes', async () => {
    const goOn = new Deferred();
    const inside = new Deferred();
    const builder = createBuilder();
    const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    S.event('slow').resolve(async () => {
      inside.resolve();
      await goOn.promise;
    });
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    const server = createServer(app, { handleSignals: false, graceMs: 10_000 });
    const url = await server.listen(0, '127.0.0.1');
    const connectionOf = async (asking: Promise<Response>) =>
      (await asking).headers.get('connection');
    expect(await connectionOf(fetch(`${url}/healthz`))).toBe('keep-alive');
    const begun = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"mutation { sSlow(token: \\"T\\") { version } }"}',
    });
    await inside.promise;
    const closing = server.close();
    expect(await connectionOf(fetch(`${url}/healthz`))).toBe('close');
    goOn.resolve();
    expect(await connectionOf(begun)).toBe('close');
    await closing;
  });

  it('closes its connections also if its store cannot be closed, and says so', async () => {
    const builder = createBuilder();
    builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const close = async () => {
      throw new Error('It cannot be closed.');
    };
    const store = forwardTo(memoryStore(), { close });
    const app = createApp({ schema: builder.toSchema(), store, development: true });
    const server = createServer(app, { handleSignals: false });
    const url = await server.listen(0, '127.0.0.1');
    const raw = await RawSocket.ready(url);
    await expect(server.close()).rejects.toThrow('It cannot be closed.');
    expect((await raw.closed).code).toBe(1012);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it.each([
    [{ graceMs: -1 }, /graceMs to be a number, 0 or more.*got -1/],
    [{ graceMs: Number.POSITIVE_INFINITY }, /graceMs.*24 days.*Infinity/],
    [{ exitAfterMs: 2_000 }, /exitAfterMs.*more than graceMs \(2000\).*got 2000/],
    [{ graceMs: 10_000, exitAfterMs: 5_000 }, /more than graceMs \(10000\).*got 5000/],
    [{ exitAfterMs: Number.POSITIVE_INFINITY }, /exitAfterMs.*24 days.*Infinity/],
  ])('refuses times that make no sense: %j', (times, message) => {
    const builder = createBuilder();
    builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const app = createApp({ schema: builder.toSchema(), store: memoryStore(), development: true });
    const create = (options: object) => createServer(app, { handleSignals: false, ...options });
    expect(() => create(times)).toThrow(message);
    // One that is longer than the default of the other takes it along.
    expect(() => create({ graceMs: 60_000 })).not.toThrow();
  });

  it('closes although a turned away upgrade keeps its side open', async () => {
    const { url, server } = await startLab(memoryStore, (builder) => {
      builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    });
    const socket = connect({
      port: Number(new URL(url).port),
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    socket.on('error', () => {});
    socket.write(
      'GET /nope HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    );
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 404/);
    await server.close();
    socket.destroy();
  });

  it('cancels tasks that do not end in time, and runs their onExit', async () => {
    const outcomes: string[] = [];
    const { app, server, client } = await startLab(memoryStore, (builder) => {
      const S = builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
      S.background('forever', {
        onExit: (s, { outcome }) => {
          s.n += 1;
          outcomes.push(outcome);
        },
      }).resolve((self) => once(self.signal, 'abort').then(() => undefined));
    });
    await client.run('mutation { sForever(token: "T") { id } }');
    await client.run('mutation { sForever(token: "T") { id } }');
    await server.close();
    expect(outcomes).toEqual(['CANCELLED', 'CANCELLED']);
    expect(app.backgroundTasks.size).toBe(0);
  });

  it('on SIGTERM closes its sockets so that clients come back, and exits with 0', async () => {
    const { child, url } = await startDemo({ PORT: '0' });
    const raw = await RawSocket.ready(url);
    raw.subscribe('1', 'subscription { myTask(token: "T") { state { counter } } }');
    raw.subscribe('2', 'mutation { myTaskToggleRunning(token: "T") { version } }');
    await raw.answer('2');
    child.kill('SIGTERM');
    expect(await raw.closed).toEqual({ code: 1012, reason: 'Server is restarting' });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('refuses a port that is taken with an error', async () => {
    const { url } = await startLab(memoryStore, (builder) => {
      builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    });
    const builder = createBuilder();
    builder.state('S', { vars: (t) => ({ n: t.int({ default: 0 }) }) });
    const app = createApp({ schema: builder.toSchema(), store: memoryStore() });
    const server = createServer(app, { handleSignals: false });
    await expect(server.listen(Number(new URL(url).port), '127.0.0.1')).rejects.toThrow(
      /EADDRINUSE/,
    );
  });
});
