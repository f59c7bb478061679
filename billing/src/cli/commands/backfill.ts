import { createHash } from 'node:crypto';
import { readKongLogLine } from '../../../../kong-plugin/src/domain/records/read-kong-log.ts';
import { toInvocationEvent } from '../../../../kong-plugin/src/domain/records/invocation-event.ts';
import { success } from '../../domain/result.ts';
import { createIngest, type Ingest } from '../../ledger/ingest.ts';
import type { SessionCommand } from '../command.ts';
import { misconfigured, misused } from '../failure.ts';
import type { Session } from '../session.ts';
import { plural } from '../table.ts';

export const backfill: SessionCommand = {
  name: 'backfill',
  needs: 'database',
  summary: "records of Kong's own log that never arrived",
  usage: 'FILE --node NODE [--dry-run]',
  help: `Reads a log of Kong (file-log, http-log: one JSON object a line) that mcp-guard wrote its records into. They have the ids that
they would have had, so that a whole day can be read in without counting anything twice.

  stoa-billing backfill kong-access.log --node gw-1 --dry-run
  stoa-billing backfill kong-access.log --node gw-1

  --node NODE       the node whose log it is
  --dry-run         read and count, store nothing`,
  options: { node: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  positionals: { min: 1, max: 1 },
  run: async (parameters, session, io) => {
    const [file = ''] = parameters.positionals;
    const nodeId = parameters.option('node');
    if (nodeId === undefined) return misused('name the node with --node');
    const text = io.readFile(file);
    if (!text.ok) return misconfigured({ path: file, problem: `${text.error}.` });
    const { events, skipped, unreadable } = readLog(text.value, nodeId);
    const isDryRun = parameters.flag('dry-run');
    const counts = isDryRun ? undefined : await ingestAll(createIngest(session.database), { events, nodeId, session });
    const read = `${plural(events.length, 'record')} read, ${skipped} lines without one, ${unreadable.length} unreadable`;
    const stored =
      counts === undefined
        ? 'nothing stored'
        : `${counts.accepted} new, ${counts.duplicate} known before, ${counts.quarantined} quarantined`;
    return success({
      hasFindings: unreadable.length + (counts?.quarantined ?? 0) > 0,
      text: [`${read}; ${stored}.`, ...unreadable.slice(0, 10)].join('\n'),
      json: { isDryRun, records: events.length, skipped, unreadable, ...counts },
    });
  },
};

/** Records without a place in a node's sequence get one of the file's own, the same each time the file is read. */
const readLog = (text: string, nodeId: string) => {
  const epoch = createHash('sha256').update(text).digest('hex').slice(0, 20);
  const events: string[] = [];
  const unreadable: string[] = [];
  let skipped = 0;
  let sequence = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readKongLogLine(line);
    if (read.ok) {
      const { record, position } = read.value;
      const own = position?.nodeId === nodeId ? position : { nodeId, epoch, sequence: (sequence += 1) };
      events.push(JSON.stringify(toInvocationEvent(record, own)));
    } else if (read.error.kind === 'unreadable') unreadable.push(`line ${index + 1}: ${read.error.why}`);
    else skipped += 1;
  }
  return { events, skipped, unreadable };
};

/** As many as a node sends at once. */
const BATCH = 1_000;

const ingestAll = async (
  ingest: Ingest,
  {
    events,
    nodeId,
    session,
  }: { readonly events: readonly string[]; readonly nodeId: string; readonly session: Session },
) => {
  const counts = { accepted: 0, duplicate: 0, quarantined: 0 };
  for (let start = 0; start < events.length && !session.signal.aborted; start += BATCH) {
    session.progress(`${start} of ${events.length}`);
    const receipt = await ingest({ nodeId, events: events.slice(start, start + BATCH).map((raw) => ({ raw })) });
    counts.accepted += receipt.accepted;
    counts.duplicate += receipt.duplicate;
    counts.quarantined += receipt.quarantined.length;
  }
  return counts;
};
