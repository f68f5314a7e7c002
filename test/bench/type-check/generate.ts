import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const templates = fileURLToPath(new URL('templates', import.meta.url));
/** What the templates import, and what a user of statewire has installed. */
const packages = ['@pothos', '@types', 'graphql', 'tsx'];

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2024', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    incremental: false,
  },
};

/** A project in a folder of its own, removed when it goes out of scope. */
export interface Project extends Disposable {
  readonly folder: string;
}

/** Writes one of the templates as a project with that many states. */
export function generateProject(template: 'statewire' | 'pothos', states: number): Project {
  const folder = mkdtempSync(join(tmpdir(), `types-${template}-`));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const source = join(templates, template);
  for (const path of filesOf(source)) {
    const text = readFileSync(join(source, path), 'utf8');
    if (path.endsWith('/board.ts')) {
      for (let n = 1; n <= states; n += 1) write(numbered(path, n), numbered(text, n));
    } else {
      write(
        path,
        text.replace(/^import '.*board\.ts';\n/m, (line) => repeated(line, states)),
      );
    }
  }
  write('package.json', JSON.stringify({ private: true, type: 'module' }));
  write('tsconfig.json', JSON.stringify(tsconfig));
  link(folder);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
}

function numbered(text: string, n: number): string {
  return text.replaceAll(/board/gi, `$&${n}`);
}

function repeated(line: string, states: number): string {
  return Array.from({ length: states }, (_, index) => numbered(line, index + 1)).join('');
}

/** Installs the built package, as `npm install` of a folder does, and what it needs. */
function link(folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(repository, join(folder, 'node_modules', 'statewire'), 'junction');
  for (const name of packages) {
    symlinkSync(
      join(repository, 'node_modules', name),
      join(folder, 'node_modules', name),
      'junction',
    );
  }
}
