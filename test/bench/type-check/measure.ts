import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Project } from './generate.ts';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** What tsc says of itself, in seconds. */
export interface CheckTimes {
  readonly check: number;
  readonly total: number;
}

/**
 * Checks a project's types in a process of its own.
 *
 * @throws Error with tsc's output, if there is a type error.
 */
export function measureTypeCheck({ folder }: Project): CheckTimes {
  const args = ['--noEmit', '--incremental', 'false', '--extendedDiagnostics', '--pretty', 'false'];
  const output = run([tsc, '-p', '.', ...args], folder);
  return { check: secondsOf(output, 'Check time'), total: secondsOf(output, 'Total time') };
}

/** The SDL of a project's schema, sorted. */
export function printSchemaOf({ folder }: Project): string {
  return run(['--import', 'tsx', 'print-schema.ts'], folder);
}

function run(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 1e9 });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`Expected ${args.join(' ')} to succeed in ${cwd}.\n${stdout}`, {
      cause: error,
    });
  }
}

function secondsOf(output: string, name: string): number {
  const seconds = new RegExp(`^${name}:\\s+([\\d.]+)s$`, 'm').exec(output)?.[1];
  if (!seconds) throw new Error(`Expected "${name}" in what tsc printed, got:\n${output}`);
  return Number(seconds);
}
