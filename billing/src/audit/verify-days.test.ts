import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queryRows, runSql } from '../database/query-rows.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../database/testing/test-database.ts';
import { packEntries, unpackEntries } from '../domain/audit/chain-entries.ts';
import { chainEntry, chainStart } from '../domain/audit/hash-chain.ts';
import { addDays } from '../domain/invocations/invocation-time.ts';
import { createIngest } from '../ledger/ingest.ts';
import { incoming, newEvent, newEvents } from '../ledger/testing/events.ts';
import { latestSeal, sealDays } from './seal-days.ts';
import { verifyDays } from './verify-days.ts';

describe.skipIf(!hasPostgres)('verification of the audit chain', () => {
  let test: TestDatabase;
  let day: string;
  const events = newEvents(30);
  const id = (sequence: number): string => events[sequence - 1]?.id ?? '';

  beforeEach(async () => {
    test = await createTestDatabase();
    const ingest = createIngest(test.database);
    for (const first of [0, 10, 20])
      await ingest({ nodeId: 'gw-1', events: incoming(events.slice(first, first + 10)) });
    const [row] = await queryRows<{ day: string }>(test.database, 'select day from audit_day');
    day = row?.day ?? '';
  });
  afterEach(() => test.close());

  const verify = () => verifyDays(test.database, { from: day, to: day });
  /** As somebody with the database's password would. */
  const tamper = (sql: string, bindings: readonly (string | Buffer | bigint)[] = []) =>
    test.database.transaction(async (transaction) => {
      await transaction.raw(`set local session_replication_role = 'replica'`);
      expect(await runSql(transaction, sql, bindings)).toBeGreaterThan(0);
    });
  const entriesOf = async (link: bigint) => {
    const [row] = await queryRows<{ entries: Buffer }>(test.database, 'select entries from audit_link where link = ?', [
      link,
    ]);
    return [...unpackEntries(row?.entries ?? Buffer.alloc(0))];
  };

  it('reads every row, in the order in which they were chained, and says how far it is', async () => {
    const progress: number[] = [];
    const verdict = await verifyDays(test.database, { from: day, to: day, onProgress: (rows) => progress.push(rows) });
    expect(verdict).toEqual({ ok: true, days: 1, verified: 30, retired: 0 });
    expect(progress).toEqual([10, 20, 30]);
  });

  it.each([
    ["tenant = 'globex'", 'tenant'],
    ["outcome = 'tool_error'", 'outcome'],
    ['latency_ms = 41', 'latency_ms'],
    ['tool = null', 'tool'],
    ["team = 'sales'", 'team'],
    ['late = true', 'late'],
    ["arguments_sha256 = '\\x00'", 'arguments_sha256'],
    ["content_sha256 = sha256('x')", 'content_sha256'],
    [`record = replace(record::text, '"ann"', '"bob"')::json`, 'user_id'],
    [`record = replace(record::text, '/orders/mcp', '/orders/pcm')::json`, 'content_sha256'],
    [`record = '{}'`, 'record'],
  ])('names the row in which somebody set %s', async (change, column) => {
    await tamper(`update invocation set ${change} where id = ?`, [id(17)]);
    expect(await verify()).toMatchObject({
      ok: false,
      finding: { kind: 'altered', id: id(17), day, link: 2n, position: 7, detail: expect.stringContaining(column) },
    });
  });

  it.each([
    [`recorded_at = recorded_at + interval '1 ms'`],
    [`node_id = 'gw-2'`],
    [`node_epoch = 'other'`],
    ['node_sequence = 99'],
    [
      `tenant = 'globex', record = replace(record::text, '"acme"', '"globex"')::json,
       content_sha256 = sha256(convert_to(replace(record::text, '"acme"', '"globex"'), 'UTF8'))`,
    ],
  ])('names the row that agrees with itself and not with the chain after %s', async (change) => {
    await tamper(`update invocation set ${change} where id = ?`, [id(17)]);
    expect(await verify()).toMatchObject({ ok: false, finding: { kind: 'unchained', id: id(17), link: 2n } });
  });

  it('names the first of two bad rows', async () => {
    await tamper(`update invocation set tenant = 'x' where id = ?`, [id(25)]);
    await tamper(`update invocation set tenant = 'x' where id = ?`, [id(4)]);
    expect(await verify()).toMatchObject({ finding: { id: id(4), link: 1n, position: 4 } });
  });

  it('names a row that was deleted', async () => {
    await tamper('delete from invocation where id = ?', [id(30)]);
    expect(await verify()).toMatchObject({ finding: { kind: 'deleted', id: id(30), link: 3n, position: 10 } });
  });

  it('names the row after one that was deleted from the chain as well', async () => {
    await tamper('delete from invocation where id = ?', [id(12)]);
    const entries = await entriesOf(2n);
    entries.splice(1, 1);
    await tamper('update audit_link set entries = ?, events = 9 where link = 2', [packEntries(entries)]);
    await tamper('update audit_day set entries = 29');
    expect(await verify()).toMatchObject({ finding: { kind: 'unchained', id: id(13), link: 2n } });
  });

  it('names a row that stands in the place of another', async () => {
    const entries = await entriesOf(1n);
    [entries[2], entries[5]] = [entries[5], entries[2]].flatMap((entry) => (entry === undefined ? [] : [entry])) as [
      (typeof entries)[0],
      (typeof entries)[0],
    ];
    await tamper('update audit_link set entries = ? where link = 1', [packEntries(entries)]);
    expect(await verify()).toMatchObject({
      finding: { kind: 'reordered', id: id(6), position: 3, detail: expect.stringContaining(id(3)) },
    });
  });

  it('notices batches that changed places', async () => {
    await tamper('update audit_link set link = -link where link < 3');
    await tamper('update audit_link set link = 3 + link where link < 0');
    expect(await verify()).toMatchObject({ ok: false, finding: { link: 1n, id: id(11) } });
  });

  it('names a row that the chain never had', async () => {
    const other = await createTestDatabase();
    const inserted = newEvent({ sequence: 1, nodeId: 'gw-9' });
    await createIngest(other.database)({ nodeId: 'gw-9', events: incoming([inserted]) });
    const [row] = await queryRows<Record<string, unknown>>(other.database, 'select * from invocation');
    await other.close();
    await test.database('invocation').insert({ ...row, record: JSON.stringify(inserted.data) });
    expect(await verify()).toMatchObject({ finding: { kind: 'inserted', id: inserted.id } });
  });

  it('names a row that was put into the chain, too', async () => {
    const entries = await entriesOf(1n);
    const [row] = await queryRows<{ at: string; content: string }>(
      test.database,
      `select to_char(recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, encode(content_sha256, 'hex') as content
       from invocation where id = ?`,
      [id(11)],
    );
    const false_ = { id: id(11), recordedAt: row?.at ?? '', nodeId: 'gw-1', nodeEpoch: '019cacafe0000badcafe' };
    const chain = chainEntry(
      entries[3]?.chain ?? chainStart(day),
      { ...false_, nodeSequence: 11, contentSha256: row?.content ?? '' },
      { day, link: 1n },
    );
    entries.splice(4, 0, { id: id(11), chain });
    await tamper('update audit_link set entries = ?, events = 11 where link = 1', [packEntries(entries)]);
    expect(await verify()).toMatchObject({ finding: { kind: 'inserted', id: id(11), link: 1n, position: 5 } });
  });

  it('notices that the last batch, or the head, is gone', async () => {
    await tamper('update audit_day set links = 2');
    expect(await verify()).toMatchObject({ finding: { kind: 'broken_day' } });
    await tamper('update audit_day set links = 3');
    await tamper('delete from audit_link where link = 2');
    expect(await verify()).toMatchObject({
      finding: { kind: 'broken_day', detail: expect.stringContaining('2 of 3') },
    });
  });

  it('notices rows of a day whose chain was removed', async () => {
    await tamper('delete from audit_link');
    await tamper('delete from audit_day');
    expect(await verify()).toMatchObject({ finding: { kind: 'inserted', day } });
  });

  describe('over several days', () => {
    const later = (days: number): Date => new Date(Date.parse(`${addDays(day, days)}T02:00:00Z`));

    it('seals a day an hour after its end, quiet days too, and each once', async () => {
      expect(await sealDays(test.database, new Date(Date.parse(`${addDays(day, 1)}T00:59:59Z`)))).toEqual([]);
      const sealed = await sealDays(test.database, later(3));
      expect(sealed.map((seal) => seal.day)).toEqual([day, addDays(day, 1), addDays(day, 2)]);
      expect(await sealDays(test.database, later(3))).toEqual([]);
      expect(await latestSeal(test.database)).toEqual(sealed.at(-1));
      expect(await verifyDays(test.database, { from: day, to: addDays(day, 2) })).toMatchObject({ ok: true, days: 3 });
    });

    it('notices a day that was removed or closed anew', async () => {
      await sealDays(test.database, later(4));
      const all = { from: day, to: addDays(day, 3) };
      await tamper('update audit_day set entries = 0, links = 0, head_sha256 = ? where day = ?', [
        chainStart(day),
        day,
      ]);
      expect(await verifyDays(test.database, all)).toMatchObject({ finding: { kind: 'broken_seal', day } });
      await tamper('delete from audit_link');
      await tamper('delete from invocation');
      await tamper('delete from audit_day where day = ?', [day]);
      expect(await verifyDays(test.database, all)).toMatchObject({
        finding: { kind: 'broken_seal', day: addDays(day, 1) },
      });
    });
  });
});
