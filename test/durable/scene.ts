import { onTestFinished } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Gate } from './gate.ts';
import { Journal } from './journal.ts';
import type { Settings } from './settings.ts';
import { startNode, type TaskNode } from './task-node.ts';

/** Where a test's nodes keep their tasks, and what they say of them. */
export interface Scene {
  readonly journal: Journal;
  readonly gate: Gate;
  /** Null on the disk. */
  readonly redis: RedisServer | null;
  start(settings: Omit<Settings, 'folder' | 'place'>): Promise<TaskNode>;
}

interface RedisScene extends Scene {
  readonly redis: RedisServer;
}

export function onDisk(): Scene {
  return sceneAt(temporaryFolder(), null);
}

export async function onRedis(): Promise<RedisScene> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  return { ...sceneAt(redis.url, redis), redis };
}

function sceneAt(place: string, redis: RedisServer | null): Scene {
  const folder = temporaryFolder();
  return {
    journal: new Journal(folder),
    gate: new Gate(folder),
    redis,
    start: (settings) => startNode({ folder, place, ...settings }),
  };
}
