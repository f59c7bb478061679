import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import { addDays } from '../domain/calendar/day.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { EvidenceEntry } from '../domain/statements/evidence.ts';
import { findProofFault, type EvidenceProof } from '../domain/statements/evidence-proof.ts';
import { findBuckets } from './explain-line.ts';
import { TOOL_KINDS } from './load-usage.ts';
import { findStatementRow, readStatementRow } from './statement-store.ts';
import { findUnseen } from './usage-snapshot.ts';

export interface ProvenInvocation {
  readonly lineNo: number;
  readonly proof: EvidenceProof;
  /** Absent when the proof holds. */
  readonly fault?: string;
}

const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Found {
  readonly server: string;
  readonly tool: string;
  readonly outcome: string;
  readonly day: string;
}

/** Which line of a sealed statement bills a call, with the proof of it; an issue when none does. */
export const proveInvocation = async (
  database: Knex,
  { statementId, id }: { readonly statementId: string; readonly id: string },
): Promise<Result<ProvenInvocation, Issue>> => {
  const row = await findStatementRow(database, statementId);
  if (row === undefined) return failure({ path: 'statement', problem: `There is no statement ${statementId}.` });
  if (!idPattern.test(id)) return failure({ path: 'id', problem: 'Is not the id of an invocation.' });
  // The id's first 48 bits are the time of the call, which finds its month and its row.
  const [call] = await queryRows<Found>(
    database,
    `select server, tool, outcome, occurred_at::date as day from billing.invocation
     where occurred_at = to_timestamp(? / 1000.0) and id = ? and tenant = ? and tool is not null and kind = any (?)`,
    [Number.parseInt(id.replace('-', '').slice(0, 12), 16), id, row.tenant, [...TOOL_KINDS]],
  );
  const { statement } = readStatementRow(row);
  const line = statement.lines.find(
    ({ server, tool, days, outcomes }) =>
      call !== undefined &&
      server === call.server &&
      tool === call.tool &&
      call.day >= days[0] &&
      call.day <= days[1] &&
      outcomes.billed.some(({ outcome }) => outcome === call.outcome),
  );
  if (call === undefined || line?.evidenceSha256 === undefined)
    return failure({ path: 'id', problem: `No line of ${statementId} bills ${id}.` });
  const unseen = await findUnseen(database, { asOf: row.usage_as_of, links: row.usage_links });
  const entries = await queryRows<EvidenceEntry>(
    database,
    `select id, encode(content_sha256, 'hex') as "contentSha256" from billing.invocation
     where tenant = ? and server = ? and tool = ? and outcome = ? and kind = any (?) and recorded_at <= ?
       and occurred_at >= ?::date and occurred_at < ?::date and id <> all (?::uuid[]) order by id`,
    [
      row.tenant,
      call.server,
      call.tool,
      call.outcome,
      [...TOOL_KINDS],
      row.usage_as_of,
      call.day,
      addDays(call.day, 1),
      [...unseen],
    ],
  );
  const buckets = await findBuckets(database, row.id, line.lineNo);
  const proof = { id, day: call.day, outcome: call.outcome, entries, buckets, evidenceSha256: line.evidenceSha256 };
  const fault = findProofFault(proof);
  return success({ lineNo: line.lineNo, proof, ...(fault === undefined ? {} : { fault }) });
};
