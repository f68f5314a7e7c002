// Finds what the tests need beside npm's packages, or installs it with apt
// where it may, or says what to install. Says nothing if all is there.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs by the name of their file, their Debian package, and the variable that says where they are. */
const needed = [{ file: 'chromium', aptPackage: 'chromium', variable: 'CHROMIUM_PATH' }];

const missing = needed.filter(({ file, variable }) => {
  const path = process.env[variable];
  return path ? !existsSync(path) : spawnSync('which', [file]).status !== 0;
});

if (missing.length > 0) {
  const packages = missing.map(({ aptPackage }) => aptPackage);
  if (!install(packages)) {
    const how = missing
      .map(({ aptPackage, variable }) => `${aptPackage} (or set ${variable} to its path)`)
      .join(', ');
    console.error(`The tests need ${how}. On Debian: apt-get install ${packages.join(' ')}`);
    process.exit(1);
  }
}

/** Whether apt installed them. */
function install(packages) {
  if (spawnSync('which', ['apt-get']).status !== 0) return false;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync('sudo', ['-n', 'true']).status !== 0) return false;
  const apt = (...args) =>
    execFileSync(root ? 'apt-get' : 'sudo', [...(root ? [] : ['apt-get']), ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  console.error(`Installing ${packages.join(', ')} with apt …`);
  try {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
    return true;
  } catch {
    return false;
  }
}
