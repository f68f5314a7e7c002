import { type DocumentNode, print } from 'graphql';
import type { ResumableDiff } from './resuming-subscription.ts';

/** What GraphQL Code Generator says of a document's types; it is not there at run time. */
interface DocumentTypes<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
}

/** A subscription: its text, or a document of GraphQL Code Generator, as a node or as a string. */
export type LiveDocument<Data, Variables> =
  | string
  | (DocumentNode & DocumentTypes<Data, Variables>)
  // biome-ignore lint/complexity/noBannedTypes: the generated class extends it.
  | (String & DocumentTypes<Data, Variables>);

/** The data of a document without types: any fields of diffs. */
export type UntypedData = Readonly<
  Record<string, ResumableDiff & Readonly<Record<string, unknown>>>
>;

/** What the only field of a subscription gives. */
export type DiffOf<Data> = [ResumableDiffOf<Data>] extends [never]
  ? UnresumableDiff
  : ResumableDiffOf<Data>;

type ResumableDiffOf<Data> = Extract<Data[Exclude<keyof Data, '__typename'>], ResumableDiff>;

/** The type of a diff without `cursor` or `version`, or with them in a masked fragment. */
export interface UnresumableDiff extends ResumableDiff {
  readonly 'the subscription has to select `cursor` and `version`': never;
}

/** @throws TypeError if it cannot be resumed. */
export function textOfDocument(document: LiveDocument<unknown, never>): string {
  const text = isNode(document) ? print(document) : String(document);
  if (/\bsince\s*:\s*\$since\b/.test(text)) return text;
  throw new TypeError('Expected a subscription with `since: $since`, which it goes on by.');
}

function isNode(document: LiveDocument<unknown, never>): document is DocumentNode {
  return typeof document === 'object' && 'kind' in document;
}
