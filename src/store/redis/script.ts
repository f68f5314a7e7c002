import { createHash } from 'node:crypto';

/**
 * A program that runs in Redis as one step. An error in it takes nothing back:
 * each looks at everything before it writes anything.
 */
export class Script {
  readonly source: string;
  readonly sha: string;

  constructor(source: string) {
    this.source = source;
    this.sha = createHash('sha1').update(source).digest('hex');
  }
}
