/** What the process' environment says; read here and nowhere else. */
export interface Environment {
  readonly development: boolean;
}

export function readEnvironment(): Environment {
  return { development: process.env['NODE_ENV'] === 'development' };
}
