import { mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvocationRecord } from '../domain/records/invocation-record.ts';
import { toStored, type StoredRecord } from '../domain/records/stored-record.ts';
import type { RecordSink } from '../ports/record-sink.ts';
import { createFileRecordSink, type FileRecordSinkOptions } from './file-record-sink.ts';

let folder = '';
const sinks: RecordSink[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'record-sink-'));
});
afterEach(async () => {
  await Promise.allSettled(sinks.splice(0).map((sink) => sink.close()));
  await rm(folder, { recursive: true, force: true });
});

const sinkFor = (options: FileRecordSinkOptions): RecordSink => {
  const sink = createFileRecordSink(options);
  sinks.push(sink);
  return sink;
};

const record = (id: number, detail = ''): StoredRecord =>
  toStored({
    id: `id-${id}`,
    occurredAt: '2026-11-23T14:00:00.000Z',
    server: 'billing',
    kind: 'tool',
    method: 'tools/call',
    decision: 'allow',
    detail,
    outcome: 'ok',
    status: 200,
    latencyMs: { total: 1 },
    requestBytes: 1,
    responseBytes: 1,
    httpMethod: 'POST',
    path: '/mcp',
    kongRequestId: 'r',
  });

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').filter(Boolean);
const idsOf = async (file: string): Promise<string[]> =>
  (await linesOf(file)).map((line) => (JSON.parse(line) as InvocationRecord).id);
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `id-${from + index}`);

/** A real `open` whose writes are counted, and cut as a full disk cuts them. */
const watchedOpen = (cut: (write: number) => number | undefined = () => undefined) => {
  const writes: number[] = [];
  const watched: typeof open = async (...parameters) => {
    const handle = await open(...parameters);
    const write = handle.write.bind(handle) as (
      buffer: Buffer,
      offset?: number,
      length?: number,
    ) => Promise<{ bytesWritten: number; buffer: Buffer }>;
    const replaced = async (buffer: Buffer, offset = 0, length = buffer.length - offset) => {
      const most = cut(writes.push(length));
      if (most === 0) throw new Error('ENOSPC: no space left on device, write');
      return write(buffer, offset, Math.min(length, most ?? length));
    };
    return Object.assign(handle, { write: replaced as typeof handle.write });
  };
  return { open: watched, writes };
};

/** A real `open` whose first write with content waits until it is released. */
const heldOpen = () => {
  const started = withResolvers();
  const released = withResolvers();
  const held: typeof open = async (...parameters) => {
    const handle = await open(...parameters);
    const write = handle.write.bind(handle) as (buffer: Buffer, offset?: number, length?: number) => Promise<unknown>;
    const replaced = async (buffer: Buffer, offset?: number, length?: number) => {
      started.resolve();
      await released.promise;
      return write(buffer, offset, length);
    };
    return Object.assign(handle, { write: replaced as typeof handle.write });
  };
  return { open: held, started: started.promise, release: released.resolve };
};

describe('a file record sink', () => {
  it('makes its folder and a file with mode 0600, and stores one JSON line per record in order', async () => {
    const file = path.join(folder, 'a', 'b', 'records.jsonl');
    const sink = sinkFor({ file });
    for (let id = 1; id <= 3; id += 1) void sink.append(record(id, 'two\nlines ü'));
    await sink.flush();
    expect(await idsOf(file)).toEqual(ids(1, 3));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect((await linesOf(file))[0]).toBe(record(1, 'two\nlines ü').json);
  });

  it('stores 1,000 records of one turn in one write', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { open: counted, writes } = watchedOpen();
    const sink = sinkFor({ file, open: counted });
    for (let id = 1; id <= 1_000; id += 1) void sink.append(record(id));
    await sink.flush();
    expect(writes).toHaveLength(1);
    expect(await idsOf(file)).toEqual(ids(1, 1_000));
  });

  it('stores a queue of 3 MiB in steps of at most 1 MiB', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { open: counted, writes } = watchedOpen();
    const sink = sinkFor({ file, open: counted });
    for (let id = 1; id <= 300; id += 1) void sink.append(record(id, 'x'.repeat(10_000)));
    await sink.flush();
    expect(Math.max(...writes)).toBeLessThanOrEqual(1024 * 1024);
    expect(await idsOf(file)).toEqual(ids(1, 300));
  });

  it('stores without being asked to flush', async () => {
    const file = path.join(folder, 'records.jsonl');
    void sinkFor({ file }).append(record(1));
    await expect.poll(async () => (await stat(file).catch(() => undefined))?.size).toBeGreaterThan(0);
  });

  it('stores a record that came while a write was under way, though none comes after it', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { open: slow, started, release } = heldOpen();
    const sink = sinkFor({ file, open: slow });
    void sink.append(record(1));
    await started;
    void sink.append(record(2));
    // The turn in which the sink would have started the second write: the first one is still under way.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    release();
    await expect.poll(() => idsOf(file)).toEqual(ids(1, 2));
  });

  it('appends to what is there, after a restart too', async () => {
    const file = path.join(folder, 'records.jsonl');
    for (const id of [1, 2]) {
      const sink = sinkFor({ file });
      void sink.append(record(id));
      await sink.close();
    }
    expect(await idsOf(file)).toEqual(ids(1, 2));
  });

  it('ends a line that a crash has cut before it writes the next', async () => {
    const file = path.join(folder, 'records.jsonl');
    await writeFile(file, `${record(1).json}\n{"id":"id-2","occ`);
    const sink = sinkFor({ file });
    void sink.append(record(3));
    await sink.flush();
    const lines = await linesOf(file);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe('{"id":"id-2","occ');
    expect(lines[2]).toBe(record(3).json);
  });
});

describe('rotation', () => {
  it('goes on in a new file when the old one was renamed, and loses nothing', async () => {
    const file = path.join(folder, 'records.jsonl');
    const sink = sinkFor({ file });
    void sink.append(record(1));
    await sink.flush();
    await rename(file, `${file}.1`);
    void sink.append(record(2));
    await sink.flush();
    expect(await idsOf(`${file}.1`)).toEqual(['id-1']);
    expect(await idsOf(file)).toEqual(['id-2']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('writes at most once in the time given, and everything by then', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { open: counted, writes } = watchedOpen();
    const sink = sinkFor({ file, open: counted, writeEveryMs: 3_600_000 });
    void sink.append(record(1));
    await expect.poll(() => writes.length).toBe(1);
    for (let id = 2; id <= 50; id += 1) {
      void sink.append(record(id));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(writes).toHaveLength(1);
    await sink.close();
    expect(writes).toHaveLength(2);
    expect(await idsOf(file)).toEqual(ids(1, 50));
  });

  it('goes on in the file that took the place of the old one', async () => {
    const file = path.join(folder, 'records.jsonl');
    const sink = sinkFor({ file });
    void sink.append(record(1));
    await sink.flush();
    await rename(file, `${file}.1`);
    await writeFile(file, '');
    void sink.append(record(2));
    await sink.flush();
    expect(await idsOf(file)).toEqual(['id-2']);
  });

  it('makes the file again, with its folder, when it was deleted', async () => {
    const file = path.join(folder, 'sub', 'records.jsonl');
    const sink = sinkFor({ file });
    void sink.append(record(1));
    await sink.flush();
    await rm(path.dirname(file), { recursive: true });
    void sink.append(record(2));
    await sink.flush();
    expect(await idsOf(file)).toEqual(['id-2']);
  });

  it('starts at the beginning of a file that was cut to nothing (copytruncate)', async () => {
    const file = path.join(folder, 'records.jsonl');
    const sink = sinkFor({ file });
    void sink.append(record(1));
    await sink.flush();
    await writeFile(file, '');
    void sink.append(record(2));
    await sink.flush();
    expect(await idsOf(file)).toEqual(['id-2']);
    expect((await readFile(file))[0]).toBe('{'.charCodeAt(0));
  });
});

describe('a disk that refuses', () => {
  it('shows in health before the first record, and is found again when it is mended', async () => {
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, 'a file where a folder should be');
    const file = path.join(blocked, 'records.jsonl');
    const sink = sinkFor({ file, retryDelayMs: 60_000 });
    expect(sink.health()).toEqual({ ok: true });
    await expect(sink.flush()).rejects.toThrow(/ENOTDIR|EEXIST/);
    expect(sink.health()).toMatchObject({ ok: false, why: expect.stringMatching(/ENOTDIR|EEXIST/) });
    for (let id = 1; id <= 3; id += 1) void sink.append(record(id));
    await expect(sink.flush()).rejects.toThrow('3 records');
    await rm(blocked);
    await sink.flush();
    expect(sink.health()).toEqual({ ok: true });
    expect(await idsOf(file)).toEqual(ids(1, 3));
  });

  it('is tried again without being asked', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { promise, resolve } = withResolvers();
    const { open: failing } = watchedOpen((write) => (write < 4 ? 0 : (setImmediate(resolve), undefined)));
    const sink = sinkFor({ file, open: failing, retryDelayMs: 1 });
    void sink.append(record(1));
    await promise;
    await sink.flush();
    expect(await idsOf(file)).toEqual(['id-1']);
  });

  it('that fills up within a line keeps that record and those after it, and writes each whole once', async () => {
    const file = path.join(folder, 'records.jsonl');
    const length = Buffer.byteLength(record(1).json) + 1;
    const { open: filling } = watchedOpen((write) => (write === 1 ? length + 20 : write === 2 ? 0 : undefined));
    const sink = sinkFor({ file, open: filling, retryDelayMs: 60_000 });
    for (let id = 1; id <= 4; id += 1) void sink.append(record(id));
    await expect(sink.flush()).rejects.toThrow('ENOSPC');
    expect(sink.health()).toMatchObject({ ok: false, why: expect.stringContaining('3 records') });
    await sink.flush();
    const lines = await linesOf(file);
    expect(lines).toHaveLength(5);
    const whole = lines.filter((_, index) => index !== 1).map((line) => (JSON.parse(line) as InvocationRecord).id);
    expect(whole).toEqual(ids(1, 4));
    expect(lines[1]).toHaveLength(20);
  });

  it('that takes a write in pieces gets every byte once', async () => {
    const file = path.join(folder, 'records.jsonl');
    const { open: slow } = watchedOpen(() => 100);
    const sink = sinkFor({ file, open: slow });
    for (let id = 1; id <= 10; id += 1) void sink.append(record(id, 'ü'));
    await sink.flush();
    expect(await idsOf(file)).toEqual(ids(1, 10));
  });

  it('that takes no byte at all is an error, not an endless loop', async () => {
    const file = path.join(folder, 'records.jsonl');
    const idle: typeof open = async (...parameters) => {
      const handle = await open(...parameters);
      const write = async (buffer: Buffer) => ({ bytesWritten: 0, buffer });
      return Object.assign(handle, { write: write as unknown as typeof handle.write });
    };
    const sink = createFileRecordSink({ file, open: idle, retryDelayMs: 60_000 });
    void sink.append(record(1));
    await expect(sink.close()).rejects.toThrow('took no byte');
  });

  it('is full for real on /dev/full', async () => {
    if (process.platform !== 'linux') return;
    const sink = createFileRecordSink({ file: '/dev/full', retryDelayMs: 60_000 });
    void sink.append(record(1));
    await expect(sink.flush()).rejects.toThrow('ENOSPC');
    expect(sink.health().ok).toBe(false);
    await expect(sink.close()).rejects.toThrow('1 records');
  });
});

describe('the bound of the queue', () => {
  it('warns from its half on, refuses the record beyond it with its id, and keeps what was accepted', async () => {
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, '');
    const file = path.join(blocked, 'records.jsonl');
    const length = Buffer.byteLength(record(1).json) + 1;
    const sink = sinkFor({ file, retryDelayMs: 60_000, maxQueuedBytes: length * 4 });
    void sink.append(record(1));
    void sink.append(record(2));
    expect(sink.health()).toEqual({ ok: true });
    void sink.append(record(3));
    expect(sink.health()).toMatchObject({ ok: false, why: expect.stringContaining('slower') });
    void sink.append(record(4));
    expect(() => sink.append(record(5))).toThrow('record id-5 is not stored');
    expect(sink.health()).toMatchObject({ ok: false, why: expect.stringContaining('1 were refused') });
    await rm(blocked);
    await sink.flush();
    expect(await idsOf(file)).toEqual(ids(1, 4));
    void sink.append(record(6));
    await sink.flush();
    expect(await idsOf(file)).toEqual([...ids(1, 4), 'id-6']);
  });
});

describe('closing', () => {
  it('stores what waits, may be done twice, and refuses records afterwards', async () => {
    const file = path.join(folder, 'records.jsonl');
    const sink = sinkFor({ file });
    void sink.append(record(1));
    await Promise.all([sink.close(), sink.close()]);
    expect(await idsOf(file)).toEqual(['id-1']);
    expect(() => sink.append(record(2))).toThrow('closed');
    await sink.close();
  });

  it('says how many records are lost when the disk refuses to the end', async () => {
    await writeFile(path.join(folder, 'blocked'), '');
    const sink = createFileRecordSink({ file: path.join(folder, 'blocked', 'r.jsonl'), retryDelayMs: 60_000 });
    void sink.append(record(1));
    void sink.append(record(2));
    await expect(sink.close()).rejects.toThrow('2 records');
  });

  it('leaves nothing but the file', async () => {
    await mkdir(path.join(folder, 'only'));
    const sink = sinkFor({ file: path.join(folder, 'only', 'r.jsonl') });
    await sink.close();
    expect(await readdir(path.join(folder, 'only'))).toEqual(['r.jsonl']);
  });
});

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
