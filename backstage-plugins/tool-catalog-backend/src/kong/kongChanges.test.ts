import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { AdminApiWriter } from './AdminApiWriter';
import { DeclarativeFileWriter } from './DeclarativeFileWriter';
import { diffKong, MANAGED_TAG } from './kongChanges';
import { KongAdminClient } from './KongAdminClient';
import { describeKongWriter } from './kongWriter.contract';
import { createKongDouble } from './testing/kongDouble';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const declarative = `_format_version: '3.0'
# Keys here are examples.
services: []
consumers:
  - username: acme-support # the help desk
    tags: ['tenant:acme']
    keyauth_credentials:
      - key: test-key-acme-support
`;

const openFile = (load: (text: string) => Promise<void> = async () => undefined) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kong-file-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'kong.yml');
  writeFileSync(file, declarative);
  const loaded: string[] = [];
  const writer = new DeclarativeFileWriter({
    file,
    load: async (text) => {
      await load(text);
      loaded.push(text);
    },
  });
  const keys = async () =>
    Object.fromEntries(
      (
        parse(readFileSync(file, 'utf8')) as {
          consumers: { username: string; keyauth_credentials?: { key: string }[] }[];
        }
      ).consumers
        .filter((consumer) => (consumer.keyauth_credentials ?? []).length > 0)
        .map((consumer) => [consumer.username, (consumer.keyauth_credentials ?? []).map(({ key }) => key)]),
    );
  return { writer, keys, file, folder, loaded };
};

const openAdmin = async () => {
  const double = createKongDouble({ 'acme-support': { tags: ['tenant:acme'], keys: ['test-key-acme-support'] } });
  const server: Server = createServer((request, response) => double.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const writer = new AdminApiWriter(new KongAdminClient({ url, token: 'test-admin-token' }));
  return { writer, keys: async () => double.keys(), double, url };
};

describeKongWriter('the declarative file', async () => openFile());
describeKongWriter('the Admin API', openAdmin);

describe('the declarative file', () => {
  it('keeps comments and foreign entries, is loaded before it is replaced, and is readable by its owner only', async () => {
    const { writer, file, loaded } = openFile();
    await writer.apply([{ kind: 'put_consumer', username: 'app-a', tags: [] }]);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# Keys here are examples.');
    expect(text).toContain('acme-support # the help desk');
    expect(loaded).toEqual([text]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('stays as it was, with nothing left beside it, when Kong refuses', async () => {
    const { writer, file, folder } = openFile(() => Promise.reject(new Error('Kong refused POST /config: 400')));
    await expect(writer.apply([{ kind: 'put_consumer', username: 'app-a', tags: [] }])).rejects.toThrow(/refused/);
    expect(readFileSync(file, 'utf8')).toBe(declarative);
    expect(readdirSync(folder)).toEqual(['kong.yml']);
  });

  it('takes changes one after another, and goes on after one that failed', async () => {
    const { writer } = openFile();
    const results = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, index) =>
        writer.apply([{ kind: 'put_consumer', username: `app-${index}`, tags: [] }]),
      ),
      writer.apply([{ kind: 'delete_consumer', username: 'acme-support' }]),
      writer.apply([{ kind: 'put_consumer', username: 'app-last', tags: [] }]),
    ]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await writer.managed()).toHaveLength(11);
  });

  it('that is not YAML is said to be so, without what stands in it', async () => {
    const { writer, file } = openFile();
    writeFileSync(file, 'consumers: [ { key: test-key-secret ');
    await expect(writer.managed()).rejects.toThrow(/is not YAML: [A-Z_]+ at line \d+\.$/);
  });
});

describe('the Admin API', () => {
  it('is read to its last page', async () => {
    const { writer, double } = await openAdmin();
    double.pageSize = 2;
    for (let index = 0; index < 5; index += 1)
      await writer.apply([{ kind: 'put_consumer', username: `app-${index}`, tags: [] }]);
    expect(await writer.managed()).toHaveLength(5);
  });

  it('gets the token, and neither it nor a key is in an error', async () => {
    const { writer, double } = await openAdmin();
    await writer.apply([{ kind: 'put_consumer', username: 'app-a', tags: [] }]);
    expect(double.tokens).toEqual(new Set(['test-admin-token']));
    double.refuse = true;
    const error = await writer
      .apply([{ kind: 'put_key', username: 'app-a', keyId: 'k', secret: 'test-key-secret' }])
      .catch((caught: unknown) => String(caught));
    expect(error).toMatch(/Kong refused GET \/consumers\/app-a: 500 An unexpected error occurred/);
    expect(error).not.toMatch(/test-key-secret|test-admin-token/);
  });

  it('that is away is named with its address', async () => {
    const writer = new AdminApiWriter(new KongAdminClient({ url: 'http://127.0.0.1:9' }));
    await expect(writer.managed()).rejects.toThrow(/Admin API at http:\/\/127\.0\.0\.1:9 is not reachable/);
  });
});

describe('the difference between the portal and Kong', () => {
  const wanted = [{ username: 'app-a', tags: ['tenant:acme'], keyIds: ['k1', 'k2'] }];

  it('is nothing when both agree', () => {
    const managed = [{ username: 'app-a', tags: [MANAGED_TAG, 'tenant:acme'], keyIds: ['k2', 'k1'] }];
    expect(diffKong(wanted, managed)).toEqual({ changes: [], lostKeys: [] });
  });

  it('lists what is missing, what is too much, and the keys that cannot be made again', () => {
    const managed = [
      { username: 'app-a', tags: [MANAGED_TAG, 'tenant:globex'], keyIds: ['k1', 'k0'] },
      { username: 'app-gone', tags: [MANAGED_TAG], keyIds: [] },
    ];
    expect(diffKong([...wanted, { username: 'app-new', tags: [], keyIds: [] }], managed)).toEqual({
      changes: [
        { kind: 'put_consumer', username: 'app-a', tags: ['tenant:acme'] },
        { kind: 'delete_key', username: 'app-a', keyId: 'k0' },
        { kind: 'put_consumer', username: 'app-new', tags: [] },
        { kind: 'delete_consumer', username: 'app-gone' },
      ],
      lostKeys: [{ username: 'app-a', keyId: 'k2' }],
    });
  });
});
