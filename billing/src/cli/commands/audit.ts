import { exportInvocations } from '../../audit/export-invocations.ts';
import { searchInvocations, type InvocationFilter } from '../../audit/search-invocations.ts';
import { verifyDays } from '../../audit/verify-days.ts';
import { describeIssue } from '../../domain/issue.ts';
import { success, type Result } from '../../domain/result.ts';
import type { Arguments, Options, SessionCommand } from '../command.ts';
import { misused, refused, type CliFailure } from '../failure.ts';
import { readDay, today } from '../options.ts';
import { formatTable } from '../table.ts';

export const auditVerify: SessionCommand = {
  name: 'audit verify',
  needs: 'database',
  summary: 'prove that no record was changed, and name the first that was',
  usage: '[--from DAY] [--to DAY]',
  help: `Reads every record that was recorded in these days (UTC, both included; default: today) and follows the hash chain through
them. Exit code 1 with the first bad row.

  stoa-billing audit verify --from 2026-11-01 --to 2026-11-30

  --from DAY        first day
  --to DAY          last day (default the first)`,
  options: { from: { type: 'string' }, to: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, now, progress }) => {
    const from = readDay(parameters.option('from') ?? today(now()), '--from');
    if (!from.ok) return from;
    const to = readDay(parameters.option('to') ?? from.value, '--to');
    if (!to.ok) return to;
    if (to.value < from.value) return misused('--to is before --from');
    const verdict = await verifyDays(database, {
      ...{ from: from.value, to: to.value },
      onProgress: (rows) => progress(`${rows} records`),
    });
    if (verdict.ok)
      return success({
        text: `${verdict.verified} records of ${verdict.days} days are what was recorded.${verdict.retired > 0 ? ` ${verdict.retired} are no longer kept.` : ''}`,
        json: verdict,
      });
    const { kind, day, id, detail } = verdict.finding;
    return success({
      hasFindings: true,
      text: `The chain breaks on ${day}${id === undefined ? '' : ` at ${id}`} (${kind}): ${detail}`,
      json: verdict,
    });
  },
};

const filters = [
  'tenant',
  'application',
  'user',
  'consumer',
  'server',
  'tool',
  'decision',
  'outcome',
  'reason',
] as const;

const filterOptions: Options = {
  from: { type: 'string' },
  to: { type: 'string' },
  'arguments-sha256': { type: 'string' },
  ...Object.fromEntries(filters.map((name) => [name, { type: 'string' as const }])),
};

const filterHelp = `
  --from TIME       RFC 3339 or a day; default a day ago
  --to TIME         before this; default now
  --tenant, --application, --user, --consumer, --server, --tool, --outcome, --reason
                    only records with this value
  --decision D      allow or deny
  --arguments-sha256 HEX  calls with exactly these arguments`;

const DAY_MILLISECONDS = 86_400_000;

const readFilter = ({ option }: Arguments, now: number): Result<InvocationFilter, CliFailure> => {
  const [from, to] = [option('from'), option('to')].map((text) => (text === undefined ? undefined : Date.parse(text)));
  if (Number.isNaN(from) || Number.isNaN(to)) return misused('times are written as 2026-11-01 or 2026-11-01T12:00:00Z');
  const decision = option('decision');
  if (decision !== undefined && decision !== 'allow' && decision !== 'deny')
    return misused('--decision is allow or deny');
  const digest = option('arguments-sha256');
  const equal = filters.flatMap((name) => {
    const value = option(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return success({
    ...{ from: new Date(from ?? now - DAY_MILLISECONDS), to: new Date(to ?? now) },
    ...Object.fromEntries(equal),
    ...(digest === undefined ? {} : { argumentsSha256: digest }),
  });
};

export const auditSearch: SessionCommand = {
  name: 'audit search',
  needs: 'database',
  summary: 'find single records, refusals included',
  usage: '[filters] [--limit N]',
  help: `Finds records, newest first. Without a tenant, a tool or a digest at most 31 days at a time.

  stoa-billing audit search --tenant acme --decision deny --from 2026-11-20
  stoa-billing audit search --arguments-sha256 3f0a... --from 2026-01-01
${filterHelp}
  --limit N         1 to 500 (default 50)`,
  options: { ...filterOptions, limit: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, now }) => {
    const filter = readFilter(parameters, now());
    if (!filter.ok) return filter;
    const limit = parameters.option('limit') ?? '50';
    if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > 500) return misused('--limit is a number from 1 to 500');
    const page = await searchInvocations(database, filter.value, { limit: Number(limit) });
    if (!page.ok) return refused(describeIssue(page.error));
    const rows = page.value.items.map((found) => [
      ...[found.occurredAt.toISOString(), found.id, found.tenant, found.application],
      ...[`${found.server}/${found.tool ?? found.method}`, found.decision, found.outcome, found.reason ?? ''],
    ]);
    const header = ['time', 'id', 'tenant', 'application', 'tool', 'decision', 'outcome', 'reason'];
    const text = rows.length === 0 ? 'Nothing was found.' : formatTable([header, ...rows]);
    return success({ text, json: page.value });
  },
};

export const auditExport: SessionCommand = {
  name: 'audit export',
  needs: 'database',
  summary: 'single records as NDJSON or CSV',
  usage: '[filters] [--format FORMAT]',
  help: `Writes records to standard output, oldest first, page by page.

  stoa-billing audit export --tenant acme --from 2026-11-01 --to 2026-12-01 > acme.ndjson
${filterHelp}
  --format FORMAT   ndjson or csv (default ndjson)`,
  options: { ...filterOptions, format: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  run: async (parameters, { database, now, progress, signal }, io) => {
    const filter = readFilter(parameters, now());
    if (!filter.ok) return filter;
    const format = parameters.option('format') ?? 'ndjson';
    if (format !== 'ndjson' && format !== 'csv') return misused('--format is ndjson or csv');
    let written = 0;
    const onProgress = (rows: number): void => {
      written = rows;
      progress(`${rows} records`);
    };
    const pages = await exportInvocations(database, filter.value, { format, onProgress });
    if (!pages.ok) return refused(describeIssue(pages.error));
    for await (const page of pages.value) {
      if (signal.aborted) break;
      // With --json the answer is how many there were; without, the records are the answer.
      if (!parameters.flag('json')) io.out(page);
    }
    return success({ text: '', json: { format, records: written } });
  },
};
