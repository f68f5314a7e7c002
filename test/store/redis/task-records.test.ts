import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { TokenHost } from '../../../src/store/redis/open-token.ts';
import { TaskRecords } from '../../../src/store/redis/task-records.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { Deferred } from '../../support/deferred.ts';

it('tasks are listed when what happens to them from then on is heard', async () => {
  const heard = new Deferred();
  let asked = 0;
  const redis = {
    async run() {
      asked += 1;
      return [[], []];
    },
  };
  const host = { prefix: '', redis, heard: () => heard.promise };
  const listing = new TaskRecords(host as unknown as TokenHost).list(hashToken('T'));
  await nextTurn();
  expect(asked).toBe(0);
  heard.resolve();
  expect(await listing).toEqual([]);
});
