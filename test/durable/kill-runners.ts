import { progress } from './outcome.ts';
import type { Scene } from './scene.ts';
import type { TaskNode } from './task-node.ts';

/** How many steps there are for each kill: it hits one of them. */
export const stepsPerKill = 3;

/**
 * Kills whoever runs the walk, again and again, each time while it goes on, and starts it
 * again. Resolves to the nodes that are there in the end.
 */
export async function killRunners(
  scene: Scene,
  nodes: Map<string, Promise<TaskNode>>,
  { kills, start }: { kills: number; start: (name: string) => Promise<TaskNode> },
): Promise<TaskNode[]> {
  for (let kill = 1; kill <= kills; kill += 1) {
    // It can have come no further than the gate of the last kill.
    scene.gate.set(stepsPerKill * kill);
    const { node: name } = await progress(scene, stepsPerKill * (kill - 1) + 1);
    const runner = await nodes.get(name);
    await runner?.kill();
    const next = start(name);
    // Told to whoever waits for it.
    next.catch(() => {});
    nodes.set(name, next);
  }
  scene.gate.set(Number.MAX_SAFE_INTEGER);
  return Promise.all(nodes.values());
}
