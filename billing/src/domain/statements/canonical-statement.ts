import { failure, success, type Result } from '../result.ts';
import type { Statement, StatementLine } from './statement.ts';

/** Changes when the meaning of a field does; a statement sealed under another version keeps its own. */
const VERSION = 1;

/**
 * The statement as the text that is sealed and stored: JSON without white space, keys in the order of their code units,
 * every count and amount as a text of digits. The seal itself is not in it.
 */
export const canonicalStatement = ({ sealSha256: _, ...statement }: Statement): string =>
  canonical({ version: VERSION, ...statement });

const canonical = (value: unknown): string => {
  if (typeof value === 'bigint') return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
};

const bigintFields: ReadonlySet<string> = new Set(['quantity', 'freeQuantity', 'amountMinor', 'subtotalMinor']);

/** Reads back what `canonicalStatement` wrote. Fails on a text that this version would not have written the same. */
export const readCanonicalStatement = (text: string): Result<Statement, string> => {
  let read: Statement & { readonly version?: unknown };
  try {
    read = JSON.parse(text, revive) as Statement & { readonly version?: unknown };
  } catch {
    return failure('The stored statement is not JSON.');
  }
  const { version, ...statement } = read;
  if (version !== VERSION) return failure(`The stored statement has version ${String(version)}, not ${VERSION}.`);
  return canonicalStatement(statement) === text
    ? success(statement)
    : failure('The stored statement is not in canonical form.');
};

const revive = (key: string, value: unknown): unknown =>
  bigintFields.has(key) && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value;

/** Lines with the roots of their evidence. */
export const withEvidence = (statement: Statement, rootOf: (line: StatementLine) => string | undefined): Statement => ({
  ...statement,
  lines: statement.lines.map((line) => {
    const evidenceSha256 = rootOf(line);
    return evidenceSha256 === undefined ? line : { ...line, evidenceSha256 };
  }),
});
