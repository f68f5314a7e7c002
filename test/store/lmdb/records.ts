import { open } from 'lmdb';

/** Flips a bit of every record of a token in a table. */
export async function damage(path: string, token: string, table = 'entries'): Promise<void> {
  const root = open({ path, encoding: 'binary' });
  const entries = root.openDB<Buffer, Buffer>(table, {
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  for (const { key, value } of [...entries.getRange()]) {
    if (!key.toString('latin1').startsWith(token)) continue;
    value[12] = (value[12] ?? 0) ^ 1;
    await entries.put(key, value);
  }
  await root.close();
}

export async function countRecords(path: string, table: string): Promise<number> {
  const root = open({ path, readOnly: true, encoding: 'binary' });
  const count = root.openDB(table, { encoding: 'binary' }).getKeysCount();
  await root.close();
  return count;
}
