import type { InvocationRecord } from '../../domain/records/invocation-record.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { isTable } from '../kong/read-kong-file.ts';
import type { Problem } from '../problem.ts';

export interface RecordsFile {
  readonly records: readonly InvocationRecord[];
  /** Lines that are no records: a line cut by a crash, or another program's. */
  readonly unreadableLines: readonly number[];
}

/** Reads the record file of the plugin (JSON Lines). Refused only when it holds lines and none of them is a record. */
export const readRecords = (text: string, file: string): Result<RecordsFile, readonly Problem[]> => {
  const records: InvocationRecord[] = [];
  const unreadableLines: number[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const record = readRecord(line);
    if (record === undefined) unreadableLines.push(index + 1);
    else records.push(record);
  });
  const [line] = unreadableLines;
  if (records.length === 0 && line !== undefined)
    return failure([
      { file, line, problem: 'no line is a record; expected the JSON Lines file that records.file names' },
    ]);
  return success({ records, unreadableLines });
};

const readRecord = (line: string): InvocationRecord | undefined => {
  const value = parseJson(line);
  if (!isTable(value)) return undefined;
  const hasNames = ['server', 'kind', 'method', 'occurredAt'].every((field) => typeof value[field] === 'string');
  const isDecided = value['decision'] === 'allow' || value['decision'] === 'deny';
  const hasTexts = optionalTexts.every((field) => ['string', 'undefined'].includes(typeof value[field]));
  if (!hasNames || !isDecided || !hasTexts || Number.isNaN(Date.parse(String(value['occurredAt'])))) return undefined;
  // The fields that the commands read were checked above.
  return value as unknown as InvocationRecord;
};

const optionalTexts = [
  ...[
    'tool',
    'prompt',
    'resource',
    'tenant',
    'application',
    'user',
    'consumer',
    'consumerId',
    'policy',
    'rule',
    'reason',
  ],
];

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
