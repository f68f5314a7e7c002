import { settle } from '../../../src/values/settle.ts';
import type { BoardValues, Card, Column } from './board-schema.ts';
import type { Random } from './random.ts';

export function randomBoard(random: Random): BoardValues {
  return settled({
    title: 'A board',
    count: 0,
    mood: null,
    owner: null,
    cards: many(random, 20, () => randomCard(random)),
    columns: many(random, 4, () => randomColumn(random)),
  });
}

function randomColumn(random: Random): Column {
  return {
    name: `Column ${random.below(99)}`,
    cards: many(random, 6, () => randomCard(random)),
    grid: many(random, 3, () => many(random, 3, () => random.below(9))),
  };
}

/** Now and then one of which a field is an error. */
function randomCard(random: Random): Card {
  return {
    id: `card-${random.below(9_999)}`,
    title: random.once(60) ? (null as never) : `Card ${random.below(99)}`,
    points: random.once(40) ? 2 ** 40 : random.below(9),
    tags: many(random, 3, () => random.pick(['a', 'b', 'c'])),
    due: random.once(3) ? new Date(random.once(20) ? 13 : random.below(9_999)) : null,
    owner: random.once(2) ? { name: random.pick(['Ada', 'Bob']) } : null,
  };
}

function many<T>(random: Random, max: number, make: () => T): T[] {
  return Array.from({ length: random.below(max + 1) }, make);
}

/** The values after one to three edits; what they leave alone is the same object in both. */
export function editBoard(values: BoardValues, random: Random): BoardValues {
  let edited = values;
  for (let left = 1 + random.below(3); left > 0; left -= 1) edited = edit(edited, random);
  return settled(edited);
}

function edit(values: BoardValues, random: Random): BoardValues {
  switch (random.below(8)) {
    case 0:
      return { ...values, count: values.count + 1 };
    case 1:
      return { ...values, mood: random.pick(['HAPPY', 'SAD', null]) };
    case 2:
      return { ...values, owner: random.pick([null, { name: 'Ada' }]) };
    case 3:
      return { ...values, columns: editRows(values.columns, random, () => randomColumn(random)) };
    case 4:
      return {
        ...values,
        columns: values.columns.map((column, place) =>
          place > 0
            ? column
            : { ...column, cards: editRows(column.cards, random, () => randomCard(random)) },
        ),
      };
    default:
      return { ...values, cards: editRows(values.cards, random, () => randomCard(random)) };
  }
}

function editRows<Row extends object>(
  rows: readonly Row[],
  random: Random,
  make: () => Row,
): readonly Row[] {
  const edited = [...rows];
  const at = random.below(rows.length + 1);
  const row = edited[at];
  switch (random.below(8)) {
    case 0:
      edited.splice(at, random.below(3));
      break;
    case 1:
      edited.splice(at, 0, make());
      break;
    case 2:
      edited.splice(at, 0, ...edited.splice(0, random.below(4)));
      break;
    case 3:
      edited.reverse();
      break;
    case 4:
      // The same object twice.
      if (row) edited.push(row);
      break;
    case 5:
      edited.length = 0;
      break;
    default:
      // Another object with other values, or the same ones.
      if (row) edited[at] = random.once(2) ? make() : { ...row };
  }
  return edited;
}

function settled(values: BoardValues): BoardValues {
  return settle(values, []) as unknown as BoardValues;
}
