/** An independent reader of RFC 4180, strict: what the exports write must be readable by others' rules, not by ours. */
export const readCsv = (text: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let position = 0;
  while (position < text.length) {
    const [cell, end] = text[position] === '"' ? readQuoted(text, position) : readPlain(text, position);
    row.push(cell);
    if (text[end] === ',') position = end + 1;
    else if (text.startsWith('\r\n', end)) {
      rows.push(row);
      row = [];
      position = end + 2;
      continue;
    } else throw new Error(`neither a comma nor CRLF at ${end}`);
    if (position === text.length) throw new Error('the text ends after a comma');
  }
  if (row.length > 0) throw new Error('the last line has no CRLF');
  return rows;
};

const readPlain = (text: string, start: number): readonly [string, number] => {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\r' && text[end] !== '\n') {
    if (text[end] === '"') throw new Error(`a quote inside a plain cell at ${end}`);
    end += 1;
  }
  return [text.slice(start, end), end];
};

const readQuoted = (text: string, start: number): readonly [string, number] => {
  let cell = '';
  for (let position = start + 1; position < text.length; position += 1) {
    if (text[position] !== '"') cell += text[position] ?? '';
    else if (text[position + 1] === '"') {
      cell += '"';
      position += 1;
    } else return [cell, position + 1];
  }
  throw new Error('a quoted cell does not end');
};
