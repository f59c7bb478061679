import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { Period } from '../domain/calendar/period.ts';
import { evidenceRoot, type EvidenceBucket } from '../domain/statements/evidence.ts';
import type { Statement, StatementLine } from '../domain/statements/statement.ts';
import { withEvidence } from '../domain/statements/canonical-statement.ts';

/** A bucket as it is stored: day, outcome, count as text, hex SHA-256. */
export type StoredBucket = readonly [day: string, outcome: string, count: string, sha256: string];

export interface ProvenStatement {
  readonly statement: Statement;
  readonly buckets: ReadonlyMap<number, readonly StoredBucket[]>;
  /** Lines whose hashed records do not number what is billed. */
  readonly unproven: readonly StatementLine[];
}

/** By tenant, server and tool, line feeds between. */
export type EvidenceIndex = ReadonlyMap<string, readonly StoredBucket[]>;

const keyOf = (tenant: string, server: string, tool: string): string => [tenant, server, tool].join('\n');

/** The hashes of every day of the period for these tenants: one row a tool, however many days. */
export const loadEvidence = async (
  database: Knex,
  { period, tenants }: { readonly period: Period; readonly tenants: readonly string[] },
): Promise<EvidenceIndex> => {
  const rows = await queryRows<{
    readonly tenant: string;
    readonly server: string;
    readonly tool: string;
    readonly buckets: readonly StoredBucket[];
  }>(
    database,
    `select tenant, server, tool,
       json_agg(json_build_array(day, outcome, n::text, encode(sha256, 'hex')) order by day, outcome) as buckets
     from billing.usage_evidence where tenant = any (?) and day >= ? and day < ?
     group by tenant, server, tool`,
    [[...tenants], period.start, period.end],
  );
  return new Map(rows.map(({ tenant, server, tool, buckets }) => [keyOf(tenant, server, tool), buckets]));
};

/** Ties each usage line to the hashes of its days and billed outcomes. */
export const proveStatement = (statement: Statement, evidence: EvidenceIndex): ProvenStatement => {
  const buckets = new Map<number, readonly StoredBucket[]>();
  const unproven: StatementLine[] = [];
  for (const line of statement.lines) {
    if (line.kind !== 'usage' && line.kind !== 'free') continue;
    const found = bucketsOf(line, evidence.get(keyOf(statement.tenant, line.server ?? '', line.tool ?? '')) ?? []);
    buckets.set(line.lineNo, found);
    if (found.reduce((sum, [, , count]) => sum + BigInt(count), 0n) !== line.quantity) unproven.push(line);
  }
  const rootOf = ({ lineNo }: StatementLine): string | undefined =>
    evidenceRoot((buckets.get(lineNo) ?? []).map(readBucket));
  return { statement: withEvidence(statement, rootOf), buckets, unproven };
};

const bucketsOf = ({ days, outcomes }: StatementLine, buckets: readonly StoredBucket[]): readonly StoredBucket[] => {
  const billed = new Set(outcomes.billed.map(({ outcome }) => outcome));
  return buckets.filter(([day, outcome]) => day >= days[0] && day <= days[1] && billed.has(outcome));
};

export const readBucket = ([day, outcome, count, sha256]: StoredBucket): EvidenceBucket => ({
  day,
  outcome,
  count: BigInt(count),
  sha256,
});
