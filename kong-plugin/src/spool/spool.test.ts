import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool, type SpoolOptions } from './spool.ts';
import { faultyDisk, type Fault } from './testing/faulty-open.ts';
import { segmentsIn, spooled, spooledEvents } from './testing/read-spool.ts';
import { toStored } from '../domain/records/stored-record.ts';
import { storedTest, testRecord, unsettled } from './testing/records.ts';

const epoch = '019cacafe0000badcafe';
let root = '';
let dir = '';
const opened: Spool[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'spool-'));
  dir = path.join(root, 'spool');
});

afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((spool) => spool.close()));
  await rm(root, { recursive: true, force: true });
});

const open = (options: Partial<SpoolOptions> = {}): Spool => {
  const spool = new Spool({
    dir,
    nodeId: 'gw-1',
    epoch,
    maxBytes: 64 * 1024 * 1024,
    ...options,
    limits: { retryDelayMs: 5, ...options.limits },
  });
  opened.push(spool);
  return spool;
};

const unrecorded = async (): Promise<unknown> =>
  JSON.parse(await readFile(path.join(dir, `gw-1-${epoch}.unrecorded`), 'utf8'));

describe('the spool', () => {
  it('keeps records in order, with sequences from 1, in files that nobody else reads', async () => {
    const spool = open();
    for (const number of [1, 2, 3]) spool.append(storedTest(number));
    await spool.flush();
    expect(await spooled(dir)).toBe('R1 R2 R3');
    const [first] = await spooledEvents(dir);
    expect(first?.segment).toBe(`gw-1-${epoch}-00000001.wal`);
    expect(first?.event.data).toEqual(testRecord(1));
    expect((await stat(path.join(dir, first?.segment ?? ''))).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('writes everything of one turn of the event loop at once, and syncs nothing that nobody waits for', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open });
    for (let number = 1; number <= 100; number += 1) spool.append(storedTest(number));
    await vi.waitFor(() => expect(spool.state().committedRecords).toBe(100));
    expect(disk.done.map(({ step }) => step)).toEqual(['write']);
  });

  it('syncs the intents of one turn together before any of them is told', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open });
    const told = [1, 2, 3].map((number) => spool.intend(toStored(unsettled(number))));
    spool.append(storedTest(9));
    const intended = await Promise.all(told);
    expect(disk.done.map(({ step }) => step)).toEqual(['write', 'sync']);
    expect(intended.map(({ position, problem }) => [position.sequence, problem])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
    expect(await spooled(dir)).toBe('I1 I2 I3 R4');
  });

  it('puts a record where its intent was', async () => {
    const spool = open();
    const { position } = await spool.intend(toStored(unsettled(1)));
    spool.append(storedTest(2));
    spool.append(storedTest(1), position);
    await spool.flush();
    expect(await spooled(dir)).toBe('I1 R2 R1');
  });

  it('begins a new segment by size and by age, each synced before it is closed', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open, limits: { segmentBytes: 2_000, segmentAgeMs: 10 } });
    for (const number of [1, 2, 3]) spool.append(storedTest(number));
    await vi.waitFor(async () => expect(await spooled(dir)).toBe('R1 R2 R3'));
    spool.append(storedTest(4));
    await vi.waitFor(async () => expect(await segmentsIn(dir)).toHaveLength(2));
    // Nothing but its age ends this one.
    await vi.waitFor(() => expect(disk.done.map(({ step }) => step)).toEqual(['write', 'sync', 'write', 'sync']));
    spool.append(storedTest(5));
    await vi.waitFor(async () => expect(await segmentsIn(dir)).toHaveLength(3));
    await spool.flush();
    expect(await spooled(dir)).toBe('R1 R2 R3 R4 R5');
  });

  it('opens nothing before the run has said that it is alive', async () => {
    let claim = (): void => undefined;
    const spool = open({ claim: () => new Promise((resolve) => (claim = resolve)) });
    spool.append(storedTest(1));
    await vi.waitFor(async () => expect(await readdir(dir)).toEqual([]));
    claim();
    await vi.waitFor(async () => expect(await spooled(dir)).toBe('R1'));
  });

  it('stores what waits when it is closed, and nothing after that', async () => {
    const spool = open();
    spool.append(storedTest(1));
    await spool.close();
    expect(await spooled(dir)).toBe('R1');
    expect(() => spool.append(storedTest(2))).toThrow('the spool is closed');
    expect((await spool.intend(toStored(unsettled(3)))).problem).toContain('closed');
  });
});

describe('a disk that fails', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['ENOSPC on write', { code: 'ENOSPC', steps: ['write'] }],
    ['ENOSPC in the middle of a record', { code: 'ENOSPC', steps: ['write'], partial: 700 }],
    ['EIO on write', { code: 'EIO', steps: ['write'] }],
    ['EIO on fdatasync', { code: 'EIO', steps: ['sync'] }],
    ['EROFS on a new segment', { code: 'EROFS', steps: ['open', 'write'] }],
  ];

  it.each(faults)('%s: health says so, waiting intents are told, and nothing accepted is lost', async (_, fault) => {
    const disk = faultyDisk();
    const problems: (string | undefined)[] = [];
    const spool = open({ open: disk.open, onProblem: (problem) => void problems.push(problem) });
    await spool.intend(toStored(unsettled(1)));
    disk.fail(fault);
    spool.append(storedTest(2));
    const failed = await spool.intend(toStored(unsettled(3)));
    expect(failed).toMatchObject({ position: { sequence: 3 }, problem: expect.stringContaining(fault.code) as string });
    expect(spool.health()).toMatchObject({ ok: false, why: expect.stringContaining(fault.code) as string });
    spool.append(storedTest(3), failed.position);
    spool.append(storedTest(4));

    disk.fail(undefined);
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    await spool.flush();
    const events = await spooledEvents(dir);
    const records = events.filter(({ kind }) => kind === 'R').map(({ event }) => event.nodesequence);
    expect([...new Set(records)].sort()).toEqual([2, 3, 4]);
    expect(spool.state()).toMatchObject({ committedRecords: 3, unrecorded: 0 });
    expect(problems.at(0)).toContain(fault.code);
    expect(problems.at(-1)).toBeUndefined();
  });

  it.each(faults)('%s: the file is never used again', async (_, fault) => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open });
    await spool.intend(toStored(unsettled(1)));
    disk.fail(fault);
    const { handle } = disk.done.at(-1) ?? { handle: 0 };
    await spool.intend(toStored(unsettled(2)));
    const before = disk.done.length;
    disk.fail(undefined);
    spool.append(storedTest(2));
    await vi.waitFor(() => expect(spool.state().committedRecords).toBe(1));
    expect(disk.done.slice(before).filter((step) => step.handle === handle)).toEqual([]);
  });

  it('what fdatasync did not confirm is written again, in the next segment', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open });
    spool.append(storedTest(1));
    await vi.waitFor(() => expect(spool.state().committedRecords).toBe(1));
    disk.fail({ code: 'EIO', steps: ['sync'] });
    await spool.intend(toStored(unsettled(2)));
    disk.fail(undefined);
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    await spool.flush();
    const events = await spooledEvents(dir);
    const last = events.filter(({ segment }) => segment === events.at(-1)?.segment);
    expect(last.map(({ kind, event }) => `${kind}${event.nodesequence}`)).toEqual(['R1', 'I2']);
  });

  it('a rotation whose sync fails loses nothing either', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open, limits: { segmentBytes: 2_000 } });
    disk.fail({ code: 'EIO', steps: ['sync'] });
    for (const number of [1, 2, 3]) spool.append(storedTest(number));
    await vi.waitFor(() => expect(spool.health().ok).toBe(false));
    disk.fail(undefined);
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    await spool.flush();
    expect(new Set((await spooled(dir)).split(' '))).toEqual(new Set(['R1', 'R2', 'R3']));
  });

  it('shows before the first call when the folder cannot be made, and is well again when it can', async () => {
    await writeFile(dir, 'not a folder');
    const spool = open();
    await vi.waitFor(() => expect(spool.health()).toMatchObject({ ok: false }));
    expect((await spool.intend(toStored(unsettled(1)))).problem).toBeDefined();
    await rm(dir);
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    expect((await spool.intend(toStored(unsettled(2)))).problem).toBeUndefined();
  });

  it('leaves no empty segment for each of its tries', async () => {
    const disk = faultyDisk();
    disk.fail({ code: 'ENOSPC', steps: ['write'] });
    const spool = open({ open: disk.open, limits: { retryDelayMs: 1 } });
    spool.append(storedTest(1));
    await vi.waitFor(() => expect(disk.done.length).toBeGreaterThan(10));
    expect((await segmentsIn(dir)).length).toBeLessThanOrEqual(1);
    disk.fail(undefined);
    await vi.waitFor(async () => expect(await spooled(dir)).toBe('R1'));
  });

  it('a disk that does not answer keeps nobody waiting beyond the deadline, and is well again when it does', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open, limits: { commitDeadlineMs: 300 } });
    await spool.intend(toStored(unsettled(1)));
    const release = disk.hold();
    const told = await Promise.all([
      spool.intend(toStored(unsettled(2))),
      spool.intend(toStored(unsettled(3))),
    ]).finally(release);
    expect(told.map(({ problem }) => problem)).toEqual(Array(2).fill('the disk has not answered for 300 ms'));
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    expect(await spooled(dir)).toBe('I1 I2 I3');
  });
});

describe('the bound', () => {
  it('is said at seven eighths; beyond it records are counted on the disk, by sequence, and stored again when there is room', async () => {
    const lost = vi.fn();
    const spool = open({ maxBytes: 32_000, onUnrecorded: lost });
    const seen: string[] = [];
    for (let number = 1; number <= 60; number += 1) {
      try {
        spool.append(storedTest(number));
        seen.push(spool.health().ok ? 'fine' : 'stored');
      } catch (error) {
        expect(String(error)).toContain(`sequence ${number}`);
        expect(String(error)).toContain('metering.max_bytes');
        seen.push('lost');
      }
    }
    await spool.flush();
    const counts = ['fine', 'stored', 'lost'].map((kind) => seen.filter((one) => one === kind).length);
    expect(counts.every((count) => count > 0)).toBe(true);
    const first = seen.indexOf('lost') + 1;
    expect(spool.health()).toMatchObject({
      ok: false,
      why: expect.stringContaining(`sequences ${first}-60`) as string,
    });
    await vi.waitFor(async () => expect(await unrecorded()).toEqual({ count: 61 - first, ranges: [[first, 60]] }));
    expect(lost).toHaveBeenCalledTimes(61 - first);
    expect((await spool.intend(toStored(unsettled(61)))).problem).toContain('full');

    for (const file of await segmentsIn(dir)) await rm(path.join(dir, file));
    spool.released();
    await vi.waitFor(() => expect(spool.health()).toEqual({ ok: true }));
    spool.append(storedTest(62));
    await spool.flush();
    expect(await spooled(dir)).toBe('R62');
  });

  it('counts what earlier runs left', async () => {
    await mkdir(dir);
    await writeFile(path.join(dir, 'gw-1-019cacafe0000000000a-00000001.wal'), Buffer.alloc(20_000));
    const spool = open({ maxBytes: 16_000 });
    await vi.waitFor(() => expect(spool.health()).toMatchObject({ ok: false }));
    spool.setBound(160_000);
    expect(spool.health()).toEqual({ ok: true });
  });

  it('of the queue is one of memory: a disk that is away for long costs records, each of them counted', async () => {
    const disk = faultyDisk();
    const spool = open({ open: disk.open, limits: { maxQueuedBytes: 5_000 } });
    await spool.intend(toStored(unsettled(1)));
    disk.fail({ code: 'ENOSPC', steps: ['write'] });
    let lost = 0;
    for (let number = 2; number <= 12; number += 1) {
      try {
        spool.append(storedTest(number));
      } catch {
        lost += 1;
      }
    }
    expect(lost).toBeGreaterThan(0);
    disk.fail(undefined);
    await vi.waitFor(async () => expect(await unrecorded()).toMatchObject({ count: lost }));
    await vi.waitFor(() => expect(spool.state().committedRecords).toBe(11 - lost));
  });

  it('leaves no file of unrecorded calls when there are none', async () => {
    const spool = open();
    spool.append(storedTest(1));
    await spool.flush();
    expect((await readdir(dir)).filter((file) => file.endsWith('.unrecorded'))).toHaveLength(1);
    await spool.close();
    expect((await readdir(dir)).filter((file) => file.endsWith('.unrecorded'))).toEqual([]);
  });
});
