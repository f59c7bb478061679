import type { Knex } from 'knex';
import { queryRows } from '../database/query-rows.ts';
import type { Issue } from '../domain/issue.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { evidenceRoot } from '../domain/statements/evidence.ts';
import { sealOfCanonical } from '../domain/statements/seal.ts';
import type { Statement } from '../domain/statements/statement.ts';
import { findBuckets } from './explain-line.ts';
import { TOOL_KINDS } from './load-usage.ts';
import { findStatementRow, readStatementRow, type StatementRow } from './statement-store.ts';
import { findUnseen } from './usage-snapshot.ts';

export type StatementFaultKind =
  /** The document is not what was sealed. */
  | 'seal'
  /** A column of the statement or of a line says something else than the document. */
  | 'rows'
  /** A line's stored hashes do not make its root. */
  | 'evidence'
  /** Records of a day are not those that were sealed: changed, missing or added. */
  | 'records'
  /** The single records are no longer kept; hashes of them are. */
  | 'records_dropped';

export interface StatementFault {
  readonly kind: StatementFaultKind;
  readonly lineNo?: number;
  readonly day?: string;
  readonly detail: string;
}

export interface StatementCheck {
  readonly statementId: string;
  readonly lines: number;
  /** Single records that were read and hashed again. */
  readonly records: bigint;
  /** Empty: the statement is what was sealed, and so are its calls. */
  readonly faults: readonly StatementFault[];
}

/** Checks a sealed statement from the seal down to every call that it bills. */
export const verifyStatement = async (database: Knex, id: string): Promise<Result<StatementCheck, Issue>> => {
  const row = await findStatementRow(database, id);
  if (row === undefined) return failure({ path: 'statement', problem: `There is no statement ${id}.` });
  if (row.seal_sha256 === null)
    return failure({ path: 'statement', problem: `${id} is a draft: nothing is sealed yet.` });
  if (sealOfCanonical(row.document) !== row.seal_sha256) {
    const detail = `The document hashes to another seal than ${row.seal_sha256}.`;
    return success({ statementId: id, lines: 0, records: 0n, faults: [{ kind: 'seal', detail }] });
  }
  const { statement } = readStatementRow(row);
  const rows = await compareRows(database, { row, statement });
  const evidence = await checkEvidence(database, { row, statement });
  return success({
    statementId: id,
    lines: statement.lines.length,
    records: evidence.records,
    faults: [...rows, ...evidence.faults],
  });
};

interface Checked {
  readonly row: StatementRow;
  readonly statement: Statement;
}

const compareRows = async (database: Knex, { row, statement }: Checked): Promise<readonly StatementFault[]> => {
  const stored = await queryRows<{
    readonly line_no: number;
    readonly text: string;
    readonly teams: readonly string[];
  }>(
    database,
    `select line_no, concat_ws(' ', kind, server, tool, price_version_id, quantity, free_quantity, amount_minor, first_day, last_day,
       evidence_sha256) as text,
       array(select concat_ws(' ', team, cost_center, a.amount_minor, a.quantity)
         from billing.statement_allocation a where a.statement_id = l.statement_id and a.line_no = l.line_no) as teams
     from billing.statement_line l where statement_id = ?`,
    [row.id],
  );
  const texts = new Map(
    stored.map(({ line_no: lineNo, text, teams }) => [lineNo, [text, ...[...teams].sort()].join('\n')]),
  );
  const faults: StatementFault[] = statement.lines
    .filter((line) => texts.get(line.lineNo) !== lineText(line))
    .map(({ lineNo }) => ({ kind: 'rows', lineNo, detail: `Line ${lineNo} is not in the tables as it was sealed.` }));
  if (stored.length !== statement.lines.length)
    faults.push({
      kind: 'rows',
      detail: `${statement.lines.length} lines were sealed; the tables have ${stored.length}.`,
    });
  if (row.subtotal_minor !== statement.subtotalMinor)
    faults.push({
      kind: 'rows',
      detail: `The subtotal ${row.subtotal_minor} is not the sealed ${statement.subtotalMinor}.`,
    });
  return faults;
};

const lineText = (line: Statement['lines'][number]): string => {
  const { kind, server, tool, priceVersionId, quantity, freeQuantity, amountMinor, days, evidenceSha256 } = line;
  const fields = [kind, server, tool, priceVersionId, quantity, freeQuantity, amountMinor, ...days, evidenceSha256];
  const teams = line.allocations.map((part) => [part.team, part.costCenter, part.amountMinor, part.quantity].join(' '));
  return [fields.filter((field) => field !== undefined).join(' '), ...teams.sort()].join('\n');
};

const checkEvidence = async (
  database: Knex,
  { row, statement }: Checked,
): Promise<{ readonly records: bigint; readonly faults: readonly StatementFault[] }> => {
  const { index, records } = await hashRecords(database, row);
  const keptFrom = await readKeptFrom(database);
  const faults: StatementFault[] = [];
  for (const { lineNo, kind, server = '', tool = '', evidenceSha256 } of statement.lines) {
    if (kind !== 'usage' && kind !== 'free') continue;
    const buckets = await findBuckets(database, row.id, lineNo);
    if (evidenceRoot(buckets) !== evidenceSha256)
      faults.push({ kind: 'evidence', lineNo, detail: `The hashes of line ${lineNo} do not make its root.` });
    for (const { day, outcome, count, sha256 } of buckets) {
      const found = index.get([server, tool, outcome, day].join('\n'));
      if (found === sha256) continue;
      const isDropped = found === undefined && day < keptFrom;
      faults.push({
        kind: isDropped ? 'records_dropped' : 'records',
        lineNo,
        day,
        detail: isDropped
          ? `The single records of ${day} are no longer kept.`
          : `The ${count} ${outcome} calls of ${server}/${tool} on ${day} are not those that were sealed.`,
      });
    }
  }
  return { records, faults };
};

/** The tenant's records of the period as they were counted, hashed by tool, outcome and day as `bucketSha256` does. */
const hashRecords = async (
  database: Knex,
  { tenant, period_start: start, period_end: end, usage_as_of: asOf, usage_links: links }: StatementRow,
): Promise<{ readonly index: ReadonlyMap<string, string>; readonly records: bigint }> => {
  const unseen = await findUnseen(database, { asOf, links });
  const rows = await queryRows<{ readonly key: string; readonly n: bigint; readonly sha256: string }>(
    database,
    `select concat_ws(E'\\n', server, tool, outcome, occurred_at::date) as key, count(*) as n,
       encode(sha256(string_agg(uuid_send(id) || content_sha256, ''::bytea order by id)), 'hex') as sha256
     from billing.invocation
     where tenant = ? and occurred_at >= ?::date and occurred_at < ?::date and tool is not null and kind = any (?)
       and recorded_at <= ? and id <> all (?::uuid[])
     group by server, tool, outcome, occurred_at::date`,
    [tenant, start, end, [...TOOL_KINDS], asOf, [...unseen]],
  );
  return {
    index: new Map(rows.map(({ key, sha256 }) => [key, sha256])),
    records: rows.reduce((sum, { n }) => sum + n, 0n),
  };
};

const readKeptFrom = async (database: Knex): Promise<string> => {
  const row = await database('billing.retention').first<{ readonly kept_from: Date | null } | undefined>('kept_from');
  return row?.kept_from?.toISOString().slice(0, 10) ?? '';
};
