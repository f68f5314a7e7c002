import type { Contender } from './channel.ts';

/** Whose CPU is to be profiled, and the folder for its profiles. */
export interface ProfileSettings {
  readonly contender: Contender;
  readonly folder: string;
}

let settings: ProfileSettings | null = null;

/** Profiles this contender's processes that start from now on: each writes a file when it ends. */
export function profile(given: ProfileSettings): void {
  settings = given;
}

/** Node's options for a process of this contender. */
export function profileOf(contender: Contender): string[] {
  if (settings?.contender !== contender) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${settings.folder}`];
}
