import {
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type CommitMessage, commitChannel } from '../diagnostics/commit.ts';
import { listen } from '../diagnostics/listen.ts';
import { type DiffMessage, subscriberDiffChannel } from '../diagnostics/subscriber-diff.ts';
import { RecentMap } from '../tokens/recent-map.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import type { RunSpans } from './run-spans.ts';

/** So many commits, at least, are known to the diffs that come after them. */
const maxCommits = 10_000;

interface TracedCommit {
  readonly span: SpanContext;
  /** In ms since 1970. */
  readonly storedAt: number;
}

/** A span for each commit, below what has made it, and below that one for each diff that brings it to a subscriber. */
export function traceCommits(tracer: Tracer, runs: RunSpans): () => void {
  const traced = new RecentMap<string, TracedCommit>(maxCommits);

  const unlistenCommits = listen<CommitMessage>(commitChannel, (commit) => {
    const storedAt = Date.now();
    const attributes = {
      'statewire.token': commit.token,
      'statewire.label': commit.label,
      'statewire.version': commit.version,
      'statewire.states': [...commit.states],
      'statewire.operations': commit.operations,
    };
    const options = { startTime: storedAt - commit.durationMs, attributes };
    const span = tracer.startSpan('commit', options, runs.context);
    span.end(storedAt);
    if (isSpanContextValid(span.spanContext())) {
      traced.set(keyOf(commit), { span: span.spanContext(), storedAt });
    }
  });

  const unlistenDiffs = listen<DiffMessage>(subscriberDiffChannel, (diff) => {
    const commit = traced.get(keyOf(diff));
    // A snapshot is no news of the commit that happens to be the newest.
    if (!commit || diff.reset) return;
    const attributes = {
      'statewire.token': diff.token,
      'statewire.version': diff.version,
      'statewire.states': [...diff.states],
      'statewire.commits': diff.commits,
    };
    const parent = trace.setSpanContext(ROOT_CONTEXT, commit.span);
    tracer.startSpan('diff', { startTime: commit.storedAt, attributes }, parent).end();
  });

  return () => {
    unlistenCommits();
    unlistenDiffs();
  };
}

function keyOf({ token, version }: { readonly token: TokenKey; readonly version: number }): string {
  return `${token} ${version}`;
}
