import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { holdStarts } from '../../../src/store/redis/hold-starts.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { Deferred } from '../../support/deferred.ts';
import { record } from './task-record.ts';

const key = hashToken('T');

it('a task is put on record when whoever cancels it is heard; its end does not wait for that', async () => {
  const heard = new Deferred();
  const host = {
    node: 'node',
    heard: () => heard.promise,
    hold: async () => 'node',
    letGo() {},
    onUnanswered() {},
    async expect() {},
  };
  const sent: string[] = [];
  const send = (what: string) => async () => void sent.push(what);
  const starting = holdStarts(host, { key, channel: 'T', started: [record('1')] }, send('start'));
  await holdStarts(host, { key, channel: 'T', started: [] }, send('end'));
  await nextTurn();
  expect(sent).toEqual(['end']);
  heard.resolve();
  await starting;
  expect(sent).toEqual(['end', 'start']);
});
