import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** What is posted to a server. */
export interface Posted {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the request says how long its body is; it comes in chunks if not. */
  readonly hasLength: boolean;
}

/** All of an answer that a client can see, but when it was given. */
export interface Answer {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Sends it as a client of HTTP/1.1 does. */
export async function post(url: string, { body, headers, hasLength }: Posted): Promise<Answer> {
  const length = hasLength ? { 'content-length': Buffer.byteLength(body) } : {};
  const sent = request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...length },
  });
  // In two parts: Node would count a single one by itself.
  sent.write(body.slice(0, 1));
  sent.end(body.slice(1));
  // Whoever is refused before all is sent may lose the connection as well.
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => {});
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: `${response.statusCode} ${response.statusMessage}`,
    headers: response.rawHeaders.map((value, index, all) =>
      all[index - 1] === 'Date' ? 'now' : value,
    ),
    body: String(Buffer.concat(chunks)),
  };
}
