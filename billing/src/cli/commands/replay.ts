import type { Database } from '../../database/open-database.ts';
import { success } from '../../domain/result.ts';
import { createIngest } from '../../ledger/ingest.ts';
import { listQuarantine } from '../../ledger/quarantine.ts';
import { replayQuarantined } from '../../ledger/replay-quarantined.ts';
import type { Outcome, SessionCommand } from '../command.ts';
import { misused, refused } from '../failure.ts';
import type { Session } from '../session.ts';
import { formatTable } from '../table.ts';

export const replay: SessionCommand = {
  name: 'replay',
  needs: 'database',
  summary: 'offer quarantined events to the ledger again',
  usage: '[ID...] [--list] [--show ID] [--all]',
  help: `Events that can never be accepted as they are wait in quarantine. Once their cause is mended (a clock, a newer version) they are
offered again; nothing is counted twice. Exit code 1 when one stays.

  stoa-billing replay --list
  stoa-billing replay 17 18
  stoa-billing replay --all

  --list            show what waits, with the reason
  --show ID         what was received; it may hold anything
  --all             offer everything that waits`,
  options: { list: { type: 'boolean' }, show: { type: 'string' }, all: { type: 'boolean' } },
  positionals: { min: 0, max: 100 },
  run: async (parameters, session) => {
    const show = parameters.option('show');
    const ids = [...parameters.positionals, ...(show === undefined ? [] : [show])];
    const wrong = ids.find((id) => !/^[1-9]\d{0,17}$/.test(id));
    if (wrong !== undefined) return misused(`an id is a number, and ${JSON.stringify(wrong)} is none`);
    if (show !== undefined) return showOne(session.database, BigInt(show));
    if (parameters.flag('list')) return listWaiting(session.database);
    if (parameters.flag('all') === ids.length > 0) return misused('give ids, or --all');
    const waiting = parameters.flag('all') ? await listQuarantine(session.database, { limit: 500 }) : [];
    return replayAll(
      session,
      parameters.flag('all') ? waiting.map(({ quarantineId }) => quarantineId) : ids.map(BigInt),
    );
  },
};

const showOne = async (database: Database, id: bigint): Promise<Outcome> => {
  const [entry] = await listQuarantine(database, { after: id - 1n, limit: 1, withResolved: true });
  return entry?.quarantineId === id ? success({ text: entry.raw, json: entry }) : refused(`Nothing has id ${id}.`);
};

const listWaiting = async (database: Database): Promise<Outcome> => {
  const entries = await listQuarantine(database, { limit: 500 });
  const rows = entries.map(({ quarantineId, nodeId, reason, detail, firstSeen }) => [
    ...[quarantineId.toString(), nodeId, reason, firstSeen.toISOString(), detail.slice(0, 80)],
  ]);
  return success({
    hasFindings: rows.length > 0,
    text: rows.length === 0 ? 'Nothing waits.' : formatTable([['id', 'node', 'reason', 'since', 'detail'], ...rows]),
    json: { entries: entries.map(({ raw: _, ...rest }) => rest) },
  });
};

const replayAll = async ({ database, progress, signal }: Session, ids: readonly bigint[]): Promise<Outcome> => {
  const ingest = createIngest(database);
  const counts = { accepted: 0, duplicate: 0, quarantined: 0, not_found: 0 };
  for (const [index, id] of ids.entries()) {
    if (signal.aborted) break;
    progress(`${index} of ${ids.length}`);
    const { kind } = await replayQuarantined(database, ingest, id);
    counts[kind] += 1;
  }
  const { accepted, duplicate, quarantined, not_found: notFound } = counts;
  return success({
    hasFindings: quarantined + notFound > 0,
    text: `${accepted} accepted, ${duplicate} known before, ${quarantined} stay, ${notFound} not found.`,
    json: counts,
  });
};
