import { GraphQLError } from 'graphql';
import type { LabBuilder } from './lab.ts';

/** A state with rows that have ids, and a nullable field that can be made to fail. */
export function defineRows(builder: LabBuilder) {
  const Row = builder.objectRef<{ readonly id: string; text: string; done: boolean }>('Row');
  Row.implement({
    fields: (t) => ({
      id: t.exposeID('id'),
      text: t.exposeString('text'),
      done: t.exposeBoolean('done'),
    }),
  });
  const List = builder.state('List', {
    vars: (t) => ({
      rows: t.field({ type: [Row], key: 'id', default: [] }),
      broken: t.boolean({ default: false }),
    }),
    computed: (t) => ({ count: t.int({ nullable: true, resolve: countRows }) }),
  });
  const rowOf = (n: number) => ({ id: `row-${n}`, text: `The text of row ${n}`, done: false });
  List.event('add').resolve((s) => {
    s.broken = false;
    s.rows.push(rowOf(s.rows.length));
  });
  List.event('fail').resolve((s) => {
    s.broken = true;
  });
  List.event('fill', { args: (t) => ({ count: t.int({ required: true }) }) }).resolve(
    (s, { count }) => {
      s.rows = Array.from({ length: count }, (_, n) => rowOf(n));
    },
  );
  List.event('move', {
    args: (t) => ({ from: t.int({ required: true }), to: t.int({ required: true }) }),
  }).resolve((s, { from, to }) => {
    s.rows.splice(to, 0, ...s.rows.splice(from, 1));
  });
  return List;
}

function countRows({
  rows,
  broken,
}: {
  readonly rows: readonly unknown[];
  readonly broken: boolean;
}) {
  if (broken) throw new GraphQLError('They cannot be counted.');
  return rows.length;
}

export const watchRows = `subscription ($since: String) {
  list(token: "T", since: $since) {
    version since cursor reset changed
    state { id version count rows { id text done } }
  }
}`;
