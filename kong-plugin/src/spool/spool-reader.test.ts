import { appendFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvocationEvent } from '../domain/records/invocation-event.ts';
import type { Batch } from './batch.ts';
import { KnownRuns } from './known-runs.ts';
import type { OpenIntent } from './open-intents.ts';
import { RunMark } from './run-mark.ts';
import { SpoolReader, type SpoolFinding } from './spool-reader.ts';
import { segmentsIn } from './testing/read-spool.ts';
import { noon } from './testing/records.ts';
import { epochs, frameOf, writeSegment } from './testing/write-segment.ts';

const TIMEOUT = 900_000;
const limits = { maxEvents: 1_000, maxBytes: 1_048_576 };

let dir = '';
let now = noon;
let findings: SpoolFinding[] = [];
let kept: OpenIntent[] = [];
let openSegment = 1;
const marks: RunMark[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'reader-'));
  now = noon;
  findings = [];
  kept = [];
  openSegment = 1;
});

afterEach(async () => {
  await Promise.all(marks.splice(0).map((mark) => mark.clear()));
  await rm(dir, { recursive: true, force: true });
});

const reader = (
  keep: (intents: readonly OpenIntent[]) => Promise<boolean> = () => Promise.resolve(true),
): SpoolReader =>
  new SpoolReader({
    dir,
    epoch: epochs.own,
    settleTimeoutMs: TIMEOUT,
    runs: new KnownRuns(dir, epochs.own),
    now: () => now,
    committedOwn: () => 0,
    openSegment: () => openSegment,
    keep: (intents) => {
      kept.push(...intents);
      return keep(intents);
    },
    onFinding: (finding) => void findings.push(finding),
  });

const runs = async (epoch: string): Promise<RunMark> => {
  const mark = new RunMark(dir, epoch);
  await mark.set();
  marks.push(mark);
  return mark;
};

/** `ok 3`: outcome and sequence of each event. */
const shown = (batch: Batch | undefined): readonly string[] | undefined =>
  batch?.events.map(({ line }) => {
    const { data, nodesequence } = JSON.parse(line) as InvocationEvent;
    return `${data.outcome} ${nodesequence}`;
  });

const record = (call: number, more = {}) => frameOf({ kind: 'R', call, ...more });
const intent = (call: number, more = {}) => frameOf({ kind: 'I', call, ...more });

describe('reading the spool', () => {
  it('gives the records of all runs in order, and deletes segments once they are acknowledged', async () => {
    await writeSegment(dir, { epoch: epochs.later, frames: [record(4, { epoch: epochs.later })] });
    await writeSegment(dir, { epoch: epochs.old, number: 10, frames: [record(3)] });
    await writeSegment(dir, { epoch: epochs.old, number: 9, frames: [record(1), record(2)] });
    const reading = reader();
    const batch = await reading.next(limits);
    expect(shown(batch)).toEqual(['ok 1', 'ok 2', 'ok 3', 'ok 4']);
    expect(reading.waiting()).toEqual({ records: 4, intents: 0 });
    await reading.tidy();
    expect(await segmentsIn(dir)).toHaveLength(3);
    if (batch !== undefined) await reading.acknowledge(batch);
    expect(reading.waiting()).toEqual({ records: 0, intents: 0 });
    expect(await reading.tidy()).toBe(true);
    expect(await segmentsIn(dir)).toEqual([]);
    expect(await reading.next(limits)).toBeUndefined();
  });

  it('gives batches of the size that is asked for, without losing or repeating any', async () => {
    const calls = Array.from({ length: 25 }, (_, index) => index + 1);
    await writeSegment(dir, { epoch: epochs.old, frames: calls.map((call) => record(call)) });
    const reading = reader();
    const seen: string[] = [];
    for (let batch = await reading.next({ ...limits, maxEvents: 10 }); batch !== undefined;) {
      expect(batch.events.length).toBeLessThanOrEqual(10);
      seen.push(...(shown(batch) ?? []));
      await reading.acknowledge(batch);
      batch = await reading.next({ ...limits, maxEvents: 10 });
    }
    expect(seen).toEqual(calls.map((call) => `ok ${call}`));
  });

  it('bounds a batch by bytes too', async () => {
    const calls = Array.from({ length: 25 }, (_, index) => index + 1);
    await writeSegment(dir, { epoch: epochs.old, frames: calls.map((call) => record(call)) });
    const batch = await reader().next({ ...limits, maxBytes: 24_000 });
    const bytes = batch?.events.reduce((sum, { line }) => sum + line.length, 0) ?? 0;
    expect(bytes).toBeGreaterThan(2_000);
    expect(bytes).toBeLessThan(24_000);
  });

  it('sends again what was acknowledged before the cursor was written, and not what the cursor has', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [record(1), record(2)] });
    // The process dies after the ledger's answer.
    expect(shown(await reader().next(limits))).toEqual(['ok 1', 'ok 2']);
    const reading = reader();
    const batch = await reading.next(limits);
    expect(shown(batch)).toEqual(['ok 1', 'ok 2']);
    if (batch !== undefined) await reading.acknowledge(batch);
    await appendFile(path.join(dir, (await segmentsIn(dir))[0] ?? ''), record(3));
    expect(shown(await reader().next(limits))).toEqual(['ok 3']);
  });

  it('sends everything again when the cursor cannot be read', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [record(1)] });
    await writeFile(path.join(dir, 'cursor.json'), '{"half');
    expect(shown(await reader().next(limits))).toEqual(['ok 1']);
  });

  it('deletes nothing that another run still writes, and waits for the rest of what it is writing', async () => {
    await runs(epochs.later);
    const whole = record(2, { epoch: epochs.later });
    const file = await writeSegment(dir, {
      epoch: epochs.later,
      frames: [record(1, { epoch: epochs.later }), whole.subarray(0, 300)],
    });
    const reading = reader();
    const batch = await reading.next(limits);
    expect(shown(batch)).toEqual(['ok 1']);
    if (batch !== undefined) await reading.acknowledge(batch);
    expect(await reading.tidy()).toBe(false);
    await appendFile(file, whole.subarray(300));
    expect(shown(await reading.next(limits))).toEqual(['ok 2']);
    expect(findings).toEqual([]);
  });
});

describe('segments of this run', () => {
  it('are deleted when they are closed, also the last one: a spool that is full gets no other', async () => {
    await writeSegment(dir, { epoch: epochs.own, number: 1, frames: [record(1, { epoch: epochs.own })] });
    const reading = reader();
    const batch = await reading.next(limits);
    if (batch !== undefined) await reading.acknowledge(batch);
    expect(await reading.tidy()).toBe(false);
    openSegment = 2;
    expect(await reading.next(limits)).toBeUndefined();
    expect(await reading.tidy()).toBe(true);
    expect(await segmentsIn(dir)).toEqual([]);
  });
});

describe('recovery after a crash', () => {
  const frames = [record(1), intent(2), record(3)];
  const bytes = Buffer.concat(frames).length;

  it(`cuts a torn tail off, wherever the last record was torn (every 17th byte here, every byte in frame.test.ts)`, async () => {
    const whole = bytes - (frames[2]?.length ?? 0);
    const step = 17;
    for (let torn = 1; torn < (frames[2]?.length ?? 0); torn += step) {
      await rm(dir, { recursive: true });
      const tail = frames[2]?.subarray(0, torn).toString() ?? '';
      const file = await writeSegment(dir, { epoch: epochs.old, frames: frames.slice(0, 2), tail });
      findings = [];
      const reading = reader();
      expect(shown(await reading.next(limits))).toEqual(['ok 1']);
      expect(reading.waiting().intents).toBe(1);
      expect((await stat(file)).size).toBe(whole);
      expect(findings).toEqual([{ kind: 'torn', segment: path.basename(file), bytes: torn }]);
    }
  });

  it('sets a damaged record aside, with its place, and goes on', async () => {
    const damaged = Buffer.from(frames[0] ?? []);
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    const file = await writeSegment(dir, { epoch: epochs.old, frames: [damaged, record(3)] });
    expect(shown(await reader().next(limits))).toEqual(['ok 3']);
    expect(findings).toEqual([{ kind: 'damaged', segment: path.basename(file), bytes: damaged.length, isKept: true }]);
    const kept = JSON.parse((await readFile(path.join(dir, 'quarantine.jsonl'), 'utf8')).trim()) as Record<
      string,
      string
    >;
    expect(kept).toMatchObject({ why: 'damaged', segment: path.basename(file), offset: 0 });
    expect(Buffer.from(kept['base64'] ?? '', 'base64')).toEqual(damaged);
  });

  it('gives a record once that a failed disk left in two segments', async () => {
    await writeSegment(dir, { epoch: epochs.old, number: 1, frames: [record(1), record(2)] });
    await writeSegment(dir, { epoch: epochs.old, number: 2, frames: [record(1), record(2), record(3)] });
    expect(shown(await reader().next(limits))).toEqual(['ok 1', 'ok 2', 'ok 3']);
  });
});

describe('intents', () => {
  const acknowledgeAll = async (reading: SpoolReader): Promise<readonly string[]> => {
    const seen: string[] = [];
    for (let batch = await reading.next(limits); batch !== undefined; batch = await reading.next(limits)) {
      seen.push(...(shown(batch) ?? []));
      await reading.acknowledge(batch);
    }
    await reading.tidy();
    return seen;
  };

  it('are settled by their record, also by one that the next run wrote', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [intent(1), intent(2), record(1)] });
    await writeSegment(dir, { epoch: epochs.later, frames: [record(2)] });
    const reading = reader();
    expect(await acknowledgeAll(reading)).toEqual(['ok 1', 'ok 2']);
    expect(reading.waiting().intents).toBe(0);
    expect(await segmentsIn(dir)).toEqual([]);
  });

  it('of a run that ended wait 900 s, keep their segment, and become unknown', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [intent(1), record(2)] });
    const reading = reader();
    expect(await acknowledgeAll(reading)).toEqual(['ok 2']);
    expect(await segmentsIn(dir)).toHaveLength(1);
    now = noon + TIMEOUT - 1;
    expect(await acknowledgeAll(reading)).toEqual([]);
    now = noon + TIMEOUT;
    expect(await acknowledgeAll(reading)).toEqual(['unknown 1']);
    expect(findings).toEqual([{ kind: 'unsettled', calls: 1 }]);
    expect(await segmentsIn(dir)).toEqual([]);
  });

  it('that became unknown are sent again after a crash before the acknowledgement, and once only', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [intent(1)] });
    now = noon + TIMEOUT;
    expect(shown(await reader().next(limits))).toEqual(['unknown 1']);
    const reading = reader();
    expect(await acknowledgeAll(reading)).toEqual(['unknown 1']);
    expect(await acknowledgeAll(reading)).toEqual([]);
  });

  it('of a run that goes on are left alone for a day: its calls may stream for hours', async () => {
    await runs(epochs.later);
    await writeSegment(dir, { epoch: epochs.later, frames: [intent(1, { epoch: epochs.later })] });
    const reading = reader();
    now = noon + TIMEOUT * 10;
    expect(await acknowledgeAll(reading)).toEqual([]);
    now = noon + 86_400_000;
    expect(await acknowledgeAll(reading)).toEqual(['unknown 1']);
  });

  it('settled by a record with a sequence of its own close both, so that neither is a gap', async () => {
    await writeSegment(dir, { epoch: epochs.old, frames: [intent(1), record(2)] });
    await writeSegment(dir, { epoch: epochs.later, frames: [record(1, { epoch: epochs.later, sequence: 7 })] });
    expect(await acknowledgeAll(reader())).toEqual(['ok 2', 'ok 7', 'ok 1']);
  });

  it('that hold a shipped segment are written again after a minute, and let it go', async () => {
    await runs(epochs.later);
    await writeSegment(dir, {
      epoch: epochs.later,
      number: 1,
      frames: [intent(1, { epoch: epochs.later }), record(2)],
    });
    await writeSegment(dir, { epoch: epochs.later, number: 2, frames: [] });
    const reading = reader(async (intents) => {
      const frames = intents.map(() => intent(1, { epoch: epochs.later }));
      await writeSegment(dir, { epoch: epochs.own, frames });
      return true;
    });
    expect(await acknowledgeAll(reading)).toEqual(['ok 2']);
    expect(kept).toEqual([]);
    now += 60_000;
    await acknowledgeAll(reading);
    expect(kept.map(({ head }) => head.sequence)).toEqual([1]);
    await acknowledgeAll(reading);
    expect(await segmentsIn(dir)).toEqual([
      expect.stringContaining(`${epochs.later}-00000002`),
      expect.stringContaining(epochs.own),
    ]);
    expect(reading.waiting().intents).toBe(1);
    await appendFile(path.join(dir, (await segmentsIn(dir))[1] ?? ''), record(1, { epoch: epochs.later }));
    expect(await acknowledgeAll(reading)).toEqual(['ok 1']);
    expect(reading.waiting().intents).toBe(0);
  });

  it('stay where they are while they cannot be written again', async () => {
    await runs(epochs.later);
    await writeSegment(dir, { epoch: epochs.later, number: 1, frames: [intent(1, { epoch: epochs.later })] });
    await writeSegment(dir, { epoch: epochs.later, number: 2, frames: [] });
    const reading = reader(() => Promise.resolve(false));
    await acknowledgeAll(reading);
    now += 60_000;
    await acknowledgeAll(reading);
    await acknowledgeAll(reading);
    expect(kept).toHaveLength(2);
    expect((await readdir(dir)).filter((file) => file.includes('-00000001.wal'))).toHaveLength(1);
  });
});
