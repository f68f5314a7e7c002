// Finds what the tests need beside npm's packages, or installs it with apt
// where it may, or says what to install. Says nothing if all is there.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs by the name of their file, their Debian package, and the variable that says where they are. */
const needed = [
  { file: 'chromium', aptPackage: 'chromium', variable: 'CHROMIUM_PATH' },
  { file: 'redis-server', aptPackage: 'redis-server', variable: 'REDIS_SERVER_PATH' },
];

const isMissing = ({ file, variable }) => {
  const path = process.env[variable];
  return path ? !existsSync(path) : spawnSync('which', [file]).status !== 0;
};

const missing = needed.filter(isMissing);
const misnamed = missing.filter(({ variable }) => process.env[variable]);
if (misnamed.length > 0) {
  // Installing it would not help: the tests would still look there.
  for (const { variable } of misnamed) {
    console.error(`Expected a program at ${variable}, got nothing at ${process.env[variable]}.`);
  }
  process.exit(1);
}
if (missing.length > 0) {
  const packages = missing.map(({ aptPackage }) => aptPackage);
  if (!install(packages) || missing.some(isMissing)) {
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
  // `env`, since sudo drops the variables it is called with.
  const prefix = [...(root ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    execFileSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  console.error(`Installing ${packages.join(', ')} with apt …`);
  try {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
    return true;
  } catch {
    return false;
  }
}
