import { toCsv, toExportFile, type ExportFile } from './csv.ts';
import { toFocusRows, type FocusInput } from './focus.ts';
import { focusColumns } from './focus-row.ts';

/** FOCUS 1.2 as CSV. */
export const toFocusFile = (input: FocusInput): ExportFile =>
  toExportFile({
    name: `${input.statement.id}-focus-1.2.csv`,
    mediaType: 'text/csv; charset=utf-8',
    text: toCsv(focusColumns, toFocusRows(input)),
  });
