import { RecentMap } from '../../tokens/recent-map.ts';

const jsonTypes = ['application/json', 'application/graphql-response+json'] as const;

/** The media types of a single result. */
export type JsonType = (typeof jsonTypes)[number];

/** Clients send the same few headers again and again. */
const known = new RecentMap<string, JsonType | null>(64);

/**
 * The type that yoga answers a single result with, by what the client accepts: the first
 * that is JSON, or may be. Null if none is.
 */
export function jsonTypeOf(accept: string): JsonType | null {
  let type = known.get(accept);
  if (type === undefined) {
    type = find(accept);
    known.set(accept, type);
  }
  return type;
}

function find(accept: string): JsonType | null {
  for (const range of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [name = '', ...params] = range.split(';');
    const charset = params.find((param) => param.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') continue;
    const type = jsonTypes.find((each) => isWithin(each, name));
    if (type) return type;
  }
  return null;
}

function isWithin(type: JsonType, range: string): boolean {
  const [main, sub] = type.split('/');
  const [askedMain, askedSub] = range.split('/');
  return (askedMain === '*' || askedMain === main) && (askedSub === '*' || askedSub === sub);
}
