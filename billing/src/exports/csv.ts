import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';

/**
 * A column of a file that a spreadsheet will open. `text` is guarded against formulas; `number` must be a plain decimal
 * and is written as it is, so that a negative amount stays a number.
 */
export interface CsvColumn<Row> {
  readonly name: string;
  readonly kind: 'text' | 'number';
  /** Undefined: nothing between the commas. */
  readonly value: (row: Row) => string | bigint | undefined;
}

/** A file and the digest that goes beside it as `<name>.sha256`, in the form `sha256sum -c` reads. */
export interface ExportFile {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
  readonly sha256: string;
}

/** RFC 4180: a header line, CRLF, quotes where needed; UTF-8 without a byte order mark. The columns' order is the file's. */
export const toCsv = <Row>(columns: readonly CsvColumn<Row>[], rows: Iterable<Row>): string =>
  stringify([columns.map(({ name }) => name), ...cellsOf(columns, rows)], {
    record_delimiter: '\r\n',
    // The library quotes what holds its own record delimiter; a lone CR or LF ends a line for most readers too.
    quoted_match: /[\r\n]/,
    eof: true,
  });

export const toExportFile = (file: Omit<ExportFile, 'sha256'>): ExportFile => ({
  ...file,
  sha256: createHash('sha256').update(file.text, 'utf8').digest('hex'),
});

/** The text of the file beside it: `sha256sum -c <name>.sha256` checks it. */
export const sidecarOf = ({ name, sha256 }: ExportFile): string => `${sha256}  ${name}\n`;

function* cellsOf<Row>(columns: readonly CsvColumn<Row>[], rows: Iterable<Row>): Generator<readonly string[]> {
  for (const row of rows) yield columns.map((column) => toCell(column, row));
}

const toCell = <Row>({ name, kind, value }: CsvColumn<Row>, row: Row): string => {
  const cell = value(row);
  if (cell === undefined) return '';
  const text = String(cell);
  if (kind === 'text') return guardFormula(text);
  if (!PLAIN_DECIMAL.test(text)) throw new TypeError(`Column ${name} holds ${text}, which is no plain decimal.`);
  return text;
};

const PLAIN_DECIMAL = /^-?\d+(\.\d+)?$/;

/**
 * Names come from tools and consumers that others wrote. A cell that begins so is run by a spreadsheet, also behind
 * blanks, and in the full-width forms that Excel folds (OWASP, "CSV Injection"): an apostrophe makes it text.
 */
const guardFormula = (text: string): string => (FORMULA_START.test(text) ? `'${text}` : text);

const FORMULA_START = /^[\s\u00A0\uFEFF\u200B]*[=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n\0]/;
