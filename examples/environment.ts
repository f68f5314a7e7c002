/** The demo's settings. */
export interface Environment {
  readonly port: number;
  /** The folder in which states are kept. */
  readonly dataDir: string;
}

/** @throws TypeError for a value that makes no sense. */
export function readEnvironment(): Environment {
  const port = Number(process.env['PORT'] ?? 4000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`Expected PORT to be a port number, got "${process.env['PORT']}".`);
  }
  return { port, dataDir: process.env['DATA_DIR'] || '.data' };
}
