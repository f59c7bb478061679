import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
import { openDatabase } from './open-database.ts';
import { queryRows } from './query-rows.ts';
import { hasPostgres } from './testing/test-database.ts';

const servers: EmbeddedPostgres[] = [];
const folders: string[] = [];

const newFolder = (name: string): string => {
  const folder = path.join(tmpdir(), `embedded-postgres-${name}-${process.pid}`);
  folders.push(folder);
  return folder;
};

const start = async (directory: string): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } });
  servers.push(server);
  return server;
};

const ask = async (url: string, sql: string): Promise<readonly unknown[]> => {
  const database = openDatabase(url);
  try {
    return await queryRows(database, sql);
  } finally {
    await database.destroy();
  }
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

describe.skipIf(!hasPostgres)('an embedded PostgreSQL', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'of root lives below /var/lib when its account cannot enter the folder',
    async () => {
      const parent = newFolder('private');
      await mkdir(parent, { mode: 0o700 });
      const server = await start(path.join(parent, 'postgres'));
      folders.push(server.directory);
      expect(server.directory).toMatch(/^\/var\/lib\/mcp-governance\/[0-9a-f]{12}$/);
      expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(await start(path.join(parent, 'postgres'))).toMatchObject({ url: server.url, isOwner: false });
    },
  );

  it('is started once by three that start at the same time', async () => {
    const directory = newFolder('together');
    const [first, ...others] = await Promise.all([start(directory), start(directory), start(directory)]);
    expect(others.map(({ url }) => url)).toEqual([first.url, first.url]);
    expect(servers.filter(({ isOwner }) => isOwner)).toHaveLength(1);
  });

  it('that was left behind by a process that was killed belongs to the next that starts it', async () => {
    const directory = newFolder('orphan');
    const server = await start(directory);
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(path.join(directory, 'owner'), String(gone));
    const adopted = await start(directory);
    expect(adopted).toMatchObject({ url: server.url, isOwner: true });
    await adopted.stop();
    await expect(ask(server.url, 'select 1')).rejects.toThrow();
  });

  it('keeps its data when it starts again; a second process attaches to it and does not stop it', async () => {
    const directory = newFolder('kept');
    const owner = await start(directory);
    await ask(owner.url, 'create table public.kept as select 41 + 1 as answer');
    const guest = await start(directory);
    expect(guest).toMatchObject({ isOwner: false, url: owner.url });
    await guest.stop();
    expect(await ask(owner.url, 'select answer from public.kept')).toEqual([{ answer: 42 }]);
    await owner.stop();
    const again = await start(directory);
    expect(again.isOwner).toBe(true);
    expect(await ask(again.url, 'select answer from public.kept')).toEqual([{ answer: 42 }]);
  });

  it('listens on 127.0.0.1 only, and its password is for its owner alone', async () => {
    const directory = newFolder('only');
    const server = await start(directory);
    expect(await ask(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const password = path.join(directory, 'password');
    expect((await stat(password)).mode & 0o077).toBe(0);
    expect(server.url).toContain((await readFile(password, 'utf8')).trim());
    await expect(ask(server.url.replace(/:[^:@]*@/, ':wrong@'), 'select 1')).rejects.toThrow('password');
  });

  it('that cannot start says what PostgreSQL said', async () => {
    const directory = newFolder('bad');
    const server = await start(directory);
    await server.stop();
    await writeFile(path.join(directory, 'data', 'postgresql.conf'), 'shared_buffers = nonsense\n');
    await expect(startEmbeddedPostgres({ directory })).rejects.toThrow(/did not start:[^]*nonsense|shared_buffers/);
  });
});
