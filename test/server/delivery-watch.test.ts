import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DeliveryWatch } from '../../src/server/delivery-watch.ts';
import { takeBytes } from '../support/take-bytes.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { until } from '../support/until.ts';

interface Transport {
  readonly event: 'connection' | 'secureConnection';
  listen(): Server;
  connect(port: number): Socket;
}

const transports: Record<string, Transport> = {
  TCP: {
    event: 'connection',
    listen: () => createServer(),
    connect: (port) => connect(port, '127.0.0.1'),
  },
  TLS: {
    event: 'secureConnection',
    listen: () => createTlsServer(testCertificate),
    connect: (port) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
  },
};

/** The two ends of a connection; both end with the test. */
async function openPair({
  event,
  listen,
  connect,
}: Transport): Promise<{ ours: Socket; theirs: Socket }> {
  const server = listen().listen(0, '127.0.0.1');
  const connected = once(server, event);
  await once(server, 'listening');
  const theirs = connect((server.address() as AddressInfo).port);
  const [ours] = (await connected) as [Socket];
  onTestFinished(() => {
    theirs.destroy();
    ours.destroy();
    server.close();
  });
  return { ours, theirs };
}

describe.each(Object.entries(transports))('over %s, a client', (_name, transport) => {
  it('for which nothing waits is idle, also when the system has taken what was sent', async () => {
    const { ours, theirs } = await openPair(transport);
    theirs.pause();
    const watch = new DeliveryWatch(ours);
    expect(watch.look()).toBe('idle');
    await new Promise((resolve) => ours.write('few', resolve));
    expect(watch.look()).toBe('idle');
    expect(watch.look()).toBe('idle');
  });

  it('is seen to take bytes, and to stop, in the middle of one write', async () => {
    const { ours, theirs } = await openPair(transport);
    theirs.pause();
    let written = false;
    ours.write(Buffer.alloc(60e6), () => {
      written = true;
    });
    const watch = new DeliveryWatch(ours);
    await until(() => watch.look() === 'stalled', 'the buffers are full');
    for (let i = 0; i < 3; i += 1) {
      theirs.resume();
      await takeBytes(theirs, 8e6);
      theirs.pause();
      await until(() => watch.look() === 'moving', 'bytes have left');
      await until(() => watch.look() === 'stalled', 'the buffers are full again');
    }
    expect(written).toBe(false);
    theirs.resume();
    await until(() => written, 'everything has left');
    watch.look();
    expect(watch.look()).toBe('idle');
  });
});
