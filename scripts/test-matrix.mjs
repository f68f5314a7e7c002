// Runs the tests on the newest supported Node and graphql: Node 24, whose
// binary comes from npm's package `node`, and graphql 17, in a copy of the
// project. Arguments go to vitest.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'statewire-matrix-'));
// Ctrl-C ends the command at hand; this process lives on to remove the folder.
process.on('SIGINT', () => {});
const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: folder, stdio: 'inherit', ...options });

try {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) {
    if (!existsSync(file)) continue; // deleted, but still in the index
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(file, join(folder, file));
  }
  // What is installed already is linked, not copied: npm puts other files in place of what changes.
  if (existsSync('node_modules')) {
    execFileSync('cp', ['-a', '-l', 'node_modules', folder], { stdio: 'inherit' });
  }
  // Not every package says yet that it accepts graphql 17; the tests say whether it works.
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', '--legacy-peer-deps'];
  run('npm', [...install, '--no-save', 'graphql@17', 'node@24']);
  const node = join(folder, 'node_modules/node/bin/node');
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  const version = (script) =>
    run(node, ['-p', script], { stdio: 'pipe', encoding: 'utf8', env }).trim();
  console.log(
    `Node ${version('process.versions.node')}, graphql ${version('require("graphql").version')}`,
  );
  run(node, ['scripts/prepare-machine.mjs'], { env });
  // What is about processes, files, browsers and waiting takes minutes, and runs on the
  // oldest supported Node already; so do the types.
  const folders = [
    'chaos',
    'client',
    'crash',
    'durable',
    'e2e',
    'model',
    'shutdown',
    'store',
    'values',
  ];
  const others = [
    ...folders.map((folder) => `test/${folder}/**`),
    'test/conformance/redis.test.ts',
  ];
  const without = others.flatMap((pattern) => ['--exclude', pattern]);
  const tests = ['run', '--typecheck.enabled=false', ...without, ...process.argv.slice(2)];
  run(node, ['node_modules/vitest/vitest.mjs', ...tests], { env });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
