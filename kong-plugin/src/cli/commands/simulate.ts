import type { InvocationRecord } from '../../domain/records/invocation-record.ts';
import { success } from '../../domain/result.ts';
import type { Command, Report } from '../command.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import { createOracle, type Oracle } from '../policy/oracle.ts';
import { loadSetup, readFile } from '../policy/setup.ts';
import { readRecords, type RecordsFile } from '../records/read-records.ts';
import { replayRecord, type Replay } from '../records/replay-record.ts';
import { formatTable, plural, printable } from '../table.ts';

export const simulate: Command = {
  name: 'simulate',
  summary: 'replay recorded calls against a new kong.yml or policy document',
  usage: 'RECORDS [options]',
  help: `Judges every recorded call again, as of its own time, and lists the decisions that would change.
RECORDS is the JSON Lines file of the plugin (records.file); "-" reads standard input. Consumers are taken as they
are in kong.yml now. Limits, OPA and pins are not asked again: a call that a limit refused counts as one that the
policy allowed.

Records are redacted. Where a rule looks at an argument that was redacted, cut or not recorded, the answer is
"uncertain".

${sharedHelp('kong', 'policy')}

Exit codes: 0 every decision stays, 1 some change or are uncertain, 2 unusable question or files.`,
  options: sharedOptions('kong', 'policy'),
  positionals: { min: 1, max: 1 },
  run: (parameters, io) => {
    const records = readFile(parameters.positionals[0] ?? '', { io }, readRecords);
    if (!records.ok) return records;
    const setup = loadSetup(parameters, io);
    if (!setup.ok) return setup;
    return success(toReport(replayAll(records.value, createOracle(setup.value)), records.value));
  },
};

type ReplayKind = Replay['kind'];

/** Records that ended alike: one line of the answer. */
interface Group {
  readonly kind: ReplayKind;
  readonly consumer?: string;
  readonly server?: string;
  readonly item?: string;
  readonly why: string;
  calls: number;
  /** Id of the first of them. */
  readonly example: string;
}

const replayAll = ({ records }: RecordsFile, oracle: Oracle): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const record of records) {
    const replay = replayRecord(record, oracle);
    const group = groupOf(record, replay);
    const key = JSON.stringify([group.kind, group.consumer, group.server, group.item, group.why]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, group);
    else known.calls += 1;
  }
  return [...groups.values()];
};

const groupOf = (record: InvocationRecord, replay: Replay): Group => {
  const { kind } = replay;
  const common = { kind, why: whyOf(replay, record), calls: 1, example: record.id };
  if (kind === 'same' || kind === 'not_replayed') return common;
  const item = record.tool ?? record.prompt ?? record.resource ?? '';
  return { ...common, consumer: record.consumer ?? record.consumerId ?? 'anonymous', server: record.server, item };
};

const whyOf = (replay: Replay, record: InvocationRecord): string => {
  switch (replay.kind) {
    case 'same':
      return '';
    case 'uncertain':
    case 'not_replayed':
      return replay.why;
    case 'newly_denied':
      return `${replay.verdict.reason ?? 'denied'}, rule ${replay.verdict.rule}; was allowed by ${record.rule ?? 'unknown'}`;
    case 'newly_allowed':
      return `rule ${replay.verdict.rule}; was ${record.reason ?? 'denied'} by ${record.rule ?? 'unknown'}`;
  }
};

const titles: readonly (readonly [ReplayKind, string])[] = [
  ['newly_denied', 'Newly refused'],
  ['newly_allowed', 'Newly allowed'],
  ['uncertain', 'Uncertain'],
];

const toReport = (groups: readonly Group[], { records, unreadableLines }: RecordsFile): Report => {
  const count = (kind: ReplayKind): number =>
    groups.filter((group) => group.kind === kind).reduce((sum, { calls }) => sum + calls, 0);
  const changed = count('newly_denied') + count('newly_allowed') + count('uncertain');
  const totals = {
    records: records.length,
    same: count('same'),
    newlyDenied: count('newly_denied'),
    newlyAllowed: count('newly_allowed'),
    uncertain: count('uncertain'),
    notReplayed: count('not_replayed'),
    unreadableLines: unreadableLines.length,
  };
  return {
    hasFindings: changed > 0,
    text: [
      ...titles.flatMap(([kind, title]) =>
        section(
          title,
          groups.filter((group) => group.kind === kind),
        ),
      ),
      summary(totals, groups),
    ].join('\n'),
    json: { ...totals, groups: groups.filter(({ kind }) => kind !== 'same') },
  };
};

const section = (title: string, groups: readonly Group[]): readonly string[] => {
  if (groups.length === 0) return [];
  const rows = [...groups]
    .sort((left, right) => right.calls - left.calls)
    .map(({ calls, consumer = '', item = '', server = '', why }) => [
      String(calls).padStart(6),
      printable(consumer),
      printable(item),
      `on ${printable(server)}`,
      printable(why),
    ]);
  return [title, formatTable(rows, ''), ''];
};

type Totals = Readonly<
  Record<'records' | 'same' | 'newlyDenied' | 'newlyAllowed' | 'uncertain' | 'notReplayed' | 'unreadableLines', number>
>;

const summary = (totals: Totals, groups: readonly Group[]): string => {
  const skipped = groups.filter(({ kind }) => kind === 'not_replayed').map(({ calls, why }) => `${calls} ${why}`);
  return [
    `${plural(totals.records, 'record')}: ${totals.same} unchanged, ${totals.newlyDenied} newly refused, ${totals.newlyAllowed} newly allowed, ${totals.uncertain} uncertain`,
    ...(skipped.length === 0 ? [] : [`Not replayed: ${skipped.join(', ')}`]),
    ...(totals.unreadableLines === 0
      ? []
      : [`${plural(totals.unreadableLines, 'line')} could not be read as a record`]),
  ].join('\n');
};
