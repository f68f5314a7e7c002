const people = [
  ['Ada', 'Lovelace'],
  ['Grace', 'Hopper'],
  ['Alan', 'Turing'],
  ['Edsger', 'Dijkstra'],
  ['Barbara', 'Liskov'],
  ['Leslie', 'Lamport'],
  ['Radia', 'Perlman'],
] as const;

/** A CSV file of payments, some of them broken; the same for the same number of rows. */
export function generateCsv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => rowOf(index + 1));
  return ['id,name,email,amount', ...lines].join('\n');
}

function rowOf(id: number): string {
  const [first, last] = people[id % people.length] ?? people[0];
  const name = id % 7 === 1 ? `${last}, ""Amazing"" ${first}` : `${last}, ${first}`;
  const email = `${first}.${id}@example.com`.toLowerCase();
  const cents = 100 + ((id * 7_919) % 150_000);
  const amount = (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
  if (id % 29 === 0) return `${id},"${name}"`;
  if (id % 23 === 0) return `${id},"${name}",${email},"n/a"`;
  if (id % 17 === 0) return `${id},"${name}",unknown,"${amount}"`;
  return `${id},"${name}",${email},"${amount}"`;
}
