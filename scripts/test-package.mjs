// Packs the built package, installs it elsewhere, and uses it as a stranger
// would: types are checked strictly, with a generated SDK, the quick start answers
// over HTTP, and a bundle without side effects still has the plugin.
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The oldest and the newest TypeScript that users may have. */
const compilers = ['5.9', '7.0'];
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const versions = { ...dependencies, ...devDependencies };
const folder = mkdtempSync(join(tmpdir(), 'statewire-package-'));
const run = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder], process.cwd()),
  );
  mkdirSync(join(folder, 'src'));
  for (const name of ['quick-start.ts', 'inference.ts', 'disk-store.ts']) {
    copyFileSync(join('test/package', name), join(folder, 'src', name));
  }
  mkdirSync(join(folder, 'src/sdk'));
  for (const name of readdirSync('examples/sdk').filter((each) => each.endsWith('.ts'))) {
    copyFileSync(join('examples/sdk', name), join(folder, 'src/sdk', name));
  }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
        module: 'NodeNext',
        strict: true,
        allowImportingTsExtensions: true,
        noEmit: true,
        declaration: true,
        skipLibCheck: false,
        types: ['node'],
      },
      include: ['src'],
    }),
  );
  const packages = [
    '@pothos/core',
    'graphql',
    'lmdb',
    'msgpackr',
    'tsx',
    '@types/node',
    '@types/ws',
    'graphql-ws',
    'vite',
    'ws',
  ];
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    join(folder, packed.filename),
    ...packages.map((name) => `${name}@${versions[name]}`),
    ...compilers.map((version) => `typescript-${version}@npm:typescript@${version}`),
  ]);
  for (const version of compilers) {
    run(process.execPath, [`node_modules/typescript-${version}/bin/tsc`, '-p', '.']);
    console.log(`types: the installed package infers, and the SDK fits, on TypeScript ${version}`);
  }
  await runQuickStart(['--import', 'tsx', 'src/quick-start.ts']);
  console.log('ESM: the quick start answers');
  const counted = run(process.execPath, ['--import', 'tsx', 'src/disk-store.ts']).trim();
  if (counted !== '1 2') throw new Error(`Expected 1 2, got ${counted}.`);
  console.log('ESM: the disk store goes on where it was');
  // Vite leaves packages out of a server's bundle unless told otherwise; this one must be inside.
  writeFileSync(
    join(folder, 'vite.config.js'),
    "export default { ssr: { noExternal: ['statewire'] } };\n",
  );
  run('npx', ['vite', 'build', '--logLevel=error', '--ssr=src/quick-start.ts', '--outDir=bundle']);
  const bundle = readFileSync(join(folder, 'bundle/quick-start.js'), 'utf8');
  if (/(from|import)\s*["']statewire/.test(bundle)) {
    throw new Error('Expected statewire inside the bundle, got an import of it.');
  }
  await runQuickStart(['bundle/quick-start.js']);
  console.log('bundle: the quick start answers, nothing was shaken off');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runQuickStart(args) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, PORT: '0', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await firstUrl(child.stdout);
    const token = (await post(url, 'mutation { issueToken }')).issueToken;
    const mutation = `mutation { counterStart(token: "${token}") { state { n running even } } }`;
    const { counterStart } = await post(url, mutation);
    const expected = JSON.stringify({ state: { n: 0, running: true, even: true } });
    if (JSON.stringify(counterStart) !== expected) {
      throw new Error(`Expected ${expected}, got ${JSON.stringify(counterStart)}.`);
    }
  } finally {
    child.kill();
  }
}

async function firstUrl(stdout) {
  for await (const line of createInterface({ input: stdout })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error('Expected the quick start to say where it listens.');
}

async function post(url, query) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
