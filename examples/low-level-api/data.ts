import type { RequestListener } from 'node:http';

/** Where the example fetches from: a slow source, as sources from outside are. */
export const dataPath = '/low-level-api/data';

const delayMs = 300;

export const answerData: RequestListener = (_request, response) => {
  const timer = setTimeout(() => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`Fetched at ${new Date().toISOString()}`);
  }, delayMs);
  response.on('close', () => clearTimeout(timer));
};
