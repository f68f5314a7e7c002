import type { LabBuilder } from './lab.ts';

/** A state with a number, a list, and an event that increments. */
export function defineCell(builder: LabBuilder) {
  const Cell = builder.state('Cell', {
    vars: (t) => ({ n: t.int({ default: 0 }), lines: t.stringList({ default: [] }) }),
  });
  Cell.event('increment').resolve((s) => {
    s.n += 1;
  });
  return Cell;
}
