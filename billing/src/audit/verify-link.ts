import type { Buffer } from 'node:buffer';
import type { LinkEntry } from '../domain/audit/chain-entries.ts';
import { chainEntry, type ChainPosition } from '../domain/audit/hash-chain.ts';
import { millisecondsOfId } from '../domain/invocations/invocation-time.ts';
import { disagreements, type StoredInvocation } from './find-chained.ts';

/** What is wrong with the first bad row. */
export type FindingKind =
  /** It does not say what its record or its digest says. */
  | 'altered'
  /** The chain has it and the ledger does not. */
  | 'deleted'
  /** It stands in the place of another. */
  | 'reordered'
  /** The ledger has it and the chain never had. */
  | 'inserted'
  /** It agrees with itself and does not follow from the row before: record and digest were changed together, or a row before it is gone. */
  | 'unchained'
  /** A whole batch is gone from the chain, or the day's head is another one. */
  | 'broken_day'
  /** The seals over days do not follow from each other: a day was removed or closed again. */
  | 'broken_seal';

export interface AuditFinding {
  readonly kind: FindingKind;
  readonly day: string;
  readonly link?: bigint;
  /** Place in its batch, from 1. */
  readonly position?: number;
  /** The invocation. */
  readonly id?: string;
  /** For a person: which columns, what was expected. */
  readonly detail: string;
}

export interface LinkInput {
  readonly position: ChainPosition & { readonly link: bigint };
  readonly entries: readonly LinkEntry[];
  readonly rows: ReadonlyMap<string, StoredInvocation>;
  /** The chain before the link. */
  readonly previous: Buffer;
  /** Records from before were dropped after their retention; milliseconds. */
  readonly keptFrom: number | undefined;
}

export type LinkVerdict =
  | { readonly ok: true; readonly chain: Buffer; readonly retired: number }
  | { readonly ok: false; readonly finding: AuditFinding };

/** Follows the chain through one batch, from the row before it to its last row. */
export const verifyLink = (input: LinkInput): LinkVerdict => {
  const { entries, rows, keptFrom } = input;
  let chain = input.previous;
  let beforeLast: Buffer | undefined;
  let retired = 0;
  for (const [index, entry] of entries.entries()) {
    const row = rows.get(entry.id);
    if (row === undefined && keptFrom !== undefined && millisecondsOfId(entry.id) < keptFrom) {
      // What it covered is gone by rule; the rows after it still follow from its hash.
      beforeLast = undefined;
      chain = entry.chain;
      retired += 1;
      continue;
    }
    const problem = problemOf(row, entry, { ...input, previous: chain }, beforeLast);
    if (problem !== undefined) return { ok: false, finding: toFinding(problem, input, index) };
    beforeLast = chain;
    chain = entry.chain;
  }
  return { ok: true, chain, retired };
};

interface Problem {
  readonly kind: FindingKind;
  readonly detail: string;
  /** The row before it is the bad one. */
  readonly isBefore?: boolean;
}

const problemOf = (
  row: StoredInvocation | undefined,
  entry: LinkEntry,
  input: LinkInput,
  beforeLast: Buffer | undefined,
): Problem | undefined => {
  if (row === undefined) return { kind: 'deleted', detail: 'The chain has it, and the ledger does not.' };
  const wrong = disagreements(row);
  if (wrong.length > 0) return { kind: 'altered', detail: `Does not agree with its record: ${wrong.join(', ')}.` };
  if (follows(input.previous, row, entry, input.position)) return undefined;
  if (beforeLast !== undefined && follows(beforeLast, row, entry, input.position))
    return { kind: 'inserted', detail: 'The row after it follows from the row before it.', isBefore: true };
  const owner = input.entries.find(({ id, chain }) => {
    const other = input.rows.get(id);
    return other !== undefined && follows(input.previous, other, { id, chain }, input.position);
  });
  if (owner !== undefined) return { kind: 'reordered', detail: `In this place stood ${owner.id}.` };
  return {
    kind: 'unchained',
    detail: 'Does not follow from the row before it: it was changed with its digest, or a row before it is gone.',
  };
};

const follows = (previous: Buffer, row: StoredInvocation, { chain }: LinkEntry, position: ChainPosition): boolean =>
  chainEntry(
    previous,
    {
      id: row.id,
      recordedAt: row.recordedAt,
      nodeId: row.columns['node_id'] ?? '',
      nodeEpoch: row.columns['node_epoch'] ?? '',
      nodeSequence: BigInt(row.columns['node_sequence'] ?? 0),
      contentSha256: (row.columns['content_sha256'] ?? '').slice(2),
    },
    position,
  ).equals(chain);

const toFinding = ({ kind, detail, isBefore }: Problem, { position, entries }: LinkInput, index: number) => {
  const bad = isBefore === true ? index - 1 : index;
  const id = entries[bad]?.id;
  return {
    kind,
    detail,
    day: position.day,
    link: position.link,
    position: bad + 1,
    ...(id === undefined ? {} : { id }),
  };
};
