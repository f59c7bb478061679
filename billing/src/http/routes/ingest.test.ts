import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postBatch } from '../../../../kong-plugin/src/shipper/post-batch.ts';
import { readAnswer } from '../../../../kong-plugin/src/shipper/read-answer.ts';
import { startEmbeddedPostgres } from '../../database/embedded-postgres.ts';
import { migrate } from '../../database/migrate.ts';
import { openDatabase, type Database } from '../../database/open-database.ts';
import { createTestDatabase, hasPostgres, type TestDatabase } from '../../database/testing/test-database.ts';
import { createIngest, type Ingest } from '../../ledger/ingest.ts';
import {
  createNodeCredential,
  findNodeByToken,
  listNodes,
  revokeNodeCredential,
} from '../../ledger/node-credentials.ts';
import { listQuarantine } from '../../ledger/quarantine.ts';
import { countRows } from '../../ledger/testing/count-rows.ts';
import { newEvents } from '../../ledger/testing/events.ts';
import { ingestRoutes, type IngestObserver } from './ingest.ts';
import { MAX_BODY_BYTES } from './read-body.ts';

const credentialOf = async (database: Database, nodeId: string): Promise<string> => {
  const created = await createNodeCredential(database, nodeId);
  if (!created.ok) throw new Error(created.error.problem);
  return created.value.token;
};

type Body = string | Uint8Array<ArrayBuffer>;

const toLines = (events: readonly unknown[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

describe.skipIf(!hasPostgres)('POST /v1/invocations', () => {
  let test: TestDatabase;
  let token: string;
  let sequence = 1;
  const fresh = (count: number) => {
    sequence += count;
    return newEvents(count, { first: sequence - count });
  };
  beforeAll(async () => {
    test = await createTestDatabase();
    token = await credentialOf(test.database, 'gw-1');
  });
  afterAll(() => test.close());

  const app = ({ ingest, observer }: { ingest?: Ingest; observer?: IngestObserver } = {}) =>
    ingestRoutes({
      ingest: ingest ?? createIngest(test.database),
      findNode: (secret) => findNodeByToken(test.database, secret),
      now: () => Date.now(),
      ...(observer === undefined ? {} : { observer }),
    });
  const post = (body: Body, headers: Record<string, string> = {}, on = app()): Promise<Response> =>
    Promise.resolve(
      on.request('/v1/invocations', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', ...headers },
        body,
      }),
    );
  const stored = { duplicate: 0, quarantined: [] };

  it('takes lines, gzipped or not, an array of CloudEvents and a single one', async () => {
    const [one] = fresh(1);
    const answers = [
      await post(toLines(fresh(3))),
      await post(gzipSync(toLines(fresh(3))), { 'content-encoding': 'gzip' }),
      await post(JSON.stringify(fresh(2)), { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }),
      await post(JSON.stringify(one), { 'content-type': 'application/cloudevents+json' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      ...[3, 3, 2, 1].map((accepted) => ({ accepted, ...stored })),
    ]);
  });

  it('answers so that the shipper of the plugin deletes what it sent', async () => {
    const server = serve({ fetch: app().fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const events = fresh(4);
    const lines = events.map((event) => JSON.stringify(event));
    const { signal } = new AbortController();
    const answer = await postBatch({ url, token, lines, signal });
    expect(readAnswer(answer, { events: 4, now: 0 })).toEqual({ kind: 'stored', receipt: { accepted: 4, ...stored } });
    const refused = await postBatch({ url, token: 'mgn_other', lines, signal });
    expect(readAnswer(refused, { events: 4, now: 0 })).toMatchObject({ kind: 'refused' });
    server.close();
  });

  it.each([
    ['none', {}],
    ['another scheme', { authorization: 'Basic abc' }],
    ['an unknown one', { authorization: `Bearer mgn_${'a'.repeat(43)}` }],
    ['something that is none', { authorization: "Bearer ' or 1=1" }],
  ])('refuses %s as a credential with 401, before it reads the body', async (_title, headers) => {
    const body = new ReadableStream({
      pull: () => {
        throw new Error('the body was read');
      },
    });
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...headers },
      body,
      duplex: 'half',
    };
    const answer = await app().request('/v1/invocations', init as RequestInit);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('refuses a credential that was revoked, and takes the new one', async () => {
    const old = await credentialOf(test.database, 'gw-7');
    const send = (secret: string) =>
      post(toLines(newEvents(1, { nodeId: 'gw-7' })), { authorization: `Bearer ${secret}` }).then(
        ({ status }) => status,
      );
    expect(await send(old)).toBe(200);
    expect(await createNodeCredential(test.database, 'gw-7')).toMatchObject({ ok: false, error: { path: 'node' } });
    expect(await revokeNodeCredential(test.database, 'gw-7')).toBe(true);
    expect(await revokeNodeCredential(test.database, 'gw-7')).toBe(false);
    expect(await send(old)).toBe(401);
    const renewed = await credentialOf(test.database, 'gw-7');
    expect([await send(old), await send(renewed)]).toEqual([401, 200]);
    expect(JSON.stringify(await listNodes(test.database), (_key, value: unknown) => String(value))).not.toContain(
      renewed,
    );
    expect(await createNodeCredential(test.database, '../gw')).toMatchObject({ ok: false, error: { path: 'node' } });
  });

  it('keeps events of another node aside, whoever sends them', async () => {
    const answer = await post(toLines(newEvents(2, { nodeId: 'gw-2' })));
    expect(await answer.json()).toMatchObject({
      accepted: 0,
      quarantined: [{ reason: 'wrong_source' }, { reason: 'wrong_source' }],
    });
    expect(await listQuarantine(test.database, { reason: 'wrong_source' })).toHaveLength(2);
  });

  it.each<[string, Body, Record<string, string>, number, string]>([
    ['of another type', '{}', { 'content-type': 'application/json' }, 415, 'application/x-ndjson'],
    ['of another encoding', '{}', { 'content-encoding': 'br' }, 415, 'gzip'],
    ['that is not gzip', 'plain', { 'content-encoding': 'gzip' }, 400, 'gzip'],
    ['cut gzip', gzipSync(toLines(newEvents(3))).subarray(0, 60), { 'content-encoding': 'gzip' }, 400, 'gzip'],
    ['that is empty', '\n', {}, 400, 'no event'],
    ['that is a page', '<html>\n</html>', {}, 400, 'No line of the body is JSON'],
    ['that is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), {}, 400, 'UTF-8'],
    ['of no array', '{}', { 'content-type': 'application/cloudevents-batch+json' }, 400, 'array'],
    ['of an empty array', '[]', { 'content-type': 'application/cloudevents-batch+json' }, 400, 'no event'],
    ['of a broken event', '{"id":', { 'content-type': 'application/cloudevents+json' }, 400, 'JSON'],
    ['of 5,001 events', '{}\n'.repeat(5_001), {}, 413, '5000 events'],
    ['of more than 8 MiB', ' '.repeat(MAX_BODY_BYTES + 1), {}, 413, 'bytes'],
    [
      'that inflates to more than 8 MiB',
      gzipSync(' '.repeat(MAX_BODY_BYTES + 1)),
      { 'content-encoding': 'gzip' },
      413,
      'bytes',
    ],
  ])('refuses a body %s', async (_title, body, headers, status, detail) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).toContain(detail);
  });

  it('takes a batch with a broken line in it and keeps the line aside', async () => {
    const answer = await post(`${toLines(fresh(1))}{"specversion":\n${toLines(fresh(1))}`);
    expect(await answer.json()).toEqual({ accepted: 2, duplicate: 0, quarantined: [{ id: '', reason: 'unreadable' }] });
  });

  it('answers 503 to the ninth batch at once, and takes it when one of the eight is done', async () => {
    const waiting: (() => void)[] = [];
    const ingest: Ingest = ({ events }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ accepted: events.length, ...stored }));
      });
    const on = app({ ingest });
    const batches = Array.from({ length: 8 }, () => post(toLines(fresh(1)), {}, on));
    await new Promise<void>((resolve) => {
      const look = (): void => (waiting.length === 8 ? resolve() : void setImmediate(look));
      look();
    });
    const ninth = await post(toLines(fresh(1)), {}, on);
    expect([ninth.status, ninth.headers.get('retry-after')]).toEqual([503, '1']);
    waiting.forEach((done) => done());
    expect((await Promise.all(batches)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    const again = post(toLines(fresh(1)), {}, on);
    await new Promise<void>((resolve) => {
      const look = (): void => (waiting.length === 9 ? resolve() : void setImmediate(look));
      look();
    });
    waiting.at(-1)?.();
    expect((await again).status).toBe(200);
  });

  it('tells its observer of batches, refusals and failures, and a stranger nothing of the failure', async () => {
    const seen: unknown[] = [];
    const observer: IngestObserver = {
      onBatch: ({ nodeId, accepted }) => seen.push(['batch', nodeId, accepted]),
      onRefused: ({ nodeId, status }) => seen.push(['refused', nodeId, status]),
      onFailure: ({ error }) => seen.push(['failure', String(error)]),
    };
    await post(toLines(fresh(2)), {}, app({ observer }));
    const failing: Ingest = () => Promise.reject(new Error('password=hunter2'));
    const answer = await post(toLines(fresh(1)), {}, app({ observer, ingest: failing }));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).not.toContain('hunter2');
    expect(seen).toEqual([
      ['batch', 'gw-1', 2],
      ['failure', 'Error: password=hunter2'],
      ['refused', 'gw-1', 503],
    ]);
  });
});

describe.skipIf(!hasPostgres)('a ledger whose database goes away', () => {
  const directory = path.join(tmpdir(), `ledger-away-${process.pid}`);
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await rm(directory, { recursive: true, force: true });
  });

  it('answers 503 while it is away and takes every batch once when it is back', async () => {
    const first = await startEmbeddedPostgres({ directory });
    closers.push(() => first.stop());
    const database = openDatabase(first.url);
    closers.push(() => database.destroy());
    await migrate(database);
    const token = await credentialOf(database, 'gw-1');
    const ingest = createIngest(database);
    const app = ingestRoutes({
      ingest,
      findNode: (secret) => findNodeByToken(database, secret),
      now: () => Date.now(),
    });
    const send = (events: readonly unknown[]) =>
      app.request('/v1/invocations', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: toLines(events),
      });
    const events = newEvents(60);
    expect((await send(events.slice(0, 20))).status).toBe(200);
    await first.stop();
    const away = await send(events.slice(20, 40));
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
    const again = await startEmbeddedPostgres({ directory, port: first.port });
    closers.push(() => again.stop());
    expect((await send(events.slice(20, 40))).status).toBe(200);
    // All that the node still has on its disk, and what it never learnt the fate of.
    expect(await (await send(events)).json()).toEqual({ accepted: 20, duplicate: 40, quarantined: [] });
    expect(await countRows(database)).toEqual({ raw: 60n, tools: 60n, rollup: 60n, chained: 60n, quarantined: 0n });
  });
});
