import type { Redis } from 'ioredis';

/** Turns the source of a script into that of another. */
export type EditScript = (source: string) => string;

/** A client like Redis' own, and so are those made like it, but it sends other scripts than it is given. */
export function withEditedScripts(client: Redis, edit: EditScript): Redis {
  const duplicate = client.duplicate.bind(client);
  const run = client.eval.bind(client) as (source: string, ...rest: unknown[]) => Promise<unknown>;
  return Object.assign(client, {
    duplicate: (...args: Parameters<typeof duplicate>) =>
      withEditedScripts(duplicate(...args), edit),
    // So that the source is sent each time.
    evalsha: () => Promise.reject(new Error('NOSCRIPT It is edited.')),
    eval: (source: string, ...rest: unknown[]) => run(edit(source), ...rest),
  });
}

/**
 * Takes a part out of the script that commits, the one with an XADD.
 *
 * @throws TypeError if it has no such part: then the script has changed, and whoever edits it must.
 */
export function commitWithout(part: RegExp): EditScript {
  return (source) => {
    if (!source.includes("'XADD'")) return source;
    if (!part.test(source)) throw new TypeError(`Expected the commit script to have ${part}.`);
    return source.replace(part, '');
  };
}
