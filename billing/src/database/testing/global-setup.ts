import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a worker asks for the run's PostgreSQL. */
    readonly billingPostgres: string;
  }
}

/** What a worker gets: a server and the name of a database on it that has every migration, or why there is none. */
export type PostgresAnswer =
  { readonly url: string; readonly template: string } | { readonly url?: undefined; readonly reason: string };

interface Started {
  readonly answer: PostgresAnswer;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL for the whole run, started when the first worker asks: a run without billing tests starts none. With
 * DATABASE_URL it is that server, on which every test makes and drops databases of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Started> | undefined;
  const server = createServer((_request, response) => {
    started ??= start();
    void started.then(({ answer }) => response.end(JSON.stringify(answer)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  project.provide('billingPostgres', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return async () => {
    server.close();
    await (await started)?.stop();
  };
}

const start = async (): Promise<Started> => {
  const parent = await mkdtemp(path.join(tmpdir(), 'billing-postgres-'));
  const given = process.env['DATABASE_URL'];
  try {
    const server = given === undefined ? await startServer(parent) : { url: given, stop: () => Promise.resolve() };
    const { makeTemplate, dropTestDatabase } = await import('./template-database.ts');
    const template = await makeTemplate(server.url);
    const stop = async (): Promise<void> => {
      if (given !== undefined) await dropTestDatabase(server.url, template);
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    };
    return { answer: { url: server.url, template }, stop };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`Billing tests that need PostgreSQL are skipped: ${reason}\n`);
    return { answer: { reason }, stop: () => rm(parent, { recursive: true, force: true }) };
  }
};

const startServer = async (directory: string) => {
  const { startEmbeddedPostgres } = await import('../embedded-postgres.ts');
  // A test database need not outlive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  return startEmbeddedPostgres({ directory, settings: { ...settings, shared_buffers: '128MB' } });
};
