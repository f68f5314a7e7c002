/**
 * The records of a CSV text (RFC 4180), one by one: fields in quotes may have
 * commas, line breaks and doubled quotes in them.
 */
export function* parseCsv(text: string): Generator<string[], void> {
  let record: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isQuoted && char === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (char === '"') {
      isQuoted = !isQuoted;
    } else if (isQuoted) {
      field += char;
    } else if (char === ',') {
      record.push(field);
      field = '';
    } else if (char === '\n') {
      yield [...record, field];
      record = [];
      field = '';
    } else if (char !== '\r') {
      field += char;
    }
  }
  if (record.length > 0 || field !== '') yield [...record, field];
}
