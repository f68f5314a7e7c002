/** The demo's settings. */
export interface Environment {
  readonly port: number;
  /** Where states are kept: a Redis, by its URL, or a folder. */
  readonly store: { readonly url: string } | { readonly path: string };
}

/** @throws TypeError for a value that makes no sense. */
export function readEnvironment(): Environment {
  const port = Number(process.env['PORT'] ?? 4000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`Expected PORT to be a port number, got "${process.env['PORT']}".`);
  }
  const url = process.env['STORE'];
  if (url && !/^rediss?:\/\//.test(url)) {
    throw new TypeError(`Expected STORE to begin with redis:// or rediss://, got "${url}".`);
  }
  return { port, store: url ? { url } : { path: process.env['DATA_DIR'] || '.data' } };
}
