import { createHash } from 'node:crypto';

/** What one entry of the chain covers. The record is covered by its digest, and the stored columns by the record. */
export interface ChainedInvocation {
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds, as are all times here. */
  readonly recordedAt: string;
  readonly nodeId: string;
  readonly nodeEpoch: string;
  readonly nodeSequence: number | bigint;
  readonly contentSha256: string;
}

/** Where in the chain an entry stands. */
export interface ChainPosition {
  /** UTC day of `recordedAt`. */
  readonly day: string;
  /** From 1 within the day; a batch is a link. */
  readonly link: number | bigint;
}

/** Fields hold no line feed, so that no two lists of fields give the same text. */
const join = (...fields: readonly (string | number | bigint)[]): string => fields.join('\n');

/** What a day's chain starts from: two days with the same invocations have different chains. */
export const chainStart = (day: string): Buffer => sha256Of(join('mcp-governance audit chain 1', day));

/** The chain after one more entry. */
export const chainEntry = (previous: Buffer, entry: ChainedInvocation, { day, link }: ChainPosition): Buffer =>
  createHash('sha256')
    .update(previous)
    .update(
      join(
        day,
        link,
        entry.recordedAt,
        entry.id,
        entry.nodeId,
        entry.nodeEpoch,
        entry.nodeSequence,
        entry.contentSha256,
      ),
    )
    .digest();

/** A closed day. */
export interface SealedDay {
  readonly day: string;
  readonly links: bigint;
  readonly entries: bigint;
  readonly headSha256: Buffer;
}

/** What the first seal starts from. */
export const sealStart: Buffer = sha256Of('mcp-governance audit seal 1');

/** The chain over days: removing a day, or all of its rows with its chain, breaks every later seal. */
export const sealDay = (previous: Buffer, { day, links, entries, headSha256 }: SealedDay): Buffer =>
  createHash('sha256')
    .update(previous)
    .update(join(day, links, entries, headSha256.toString('hex')))
    .digest();

function sha256Of(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
