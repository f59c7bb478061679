import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../open-database.ts';

const newName = (kind: string): string => `billing_${kind}_${randomBytes(6).toString('hex')}`;

export const urlOfDatabase = (url: string, name: string): string => {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
};

/** A database with every migration; gives its name. Nobody stays connected to it, or it could not be cloned. */
export const makeTemplate = async (url: string): Promise<string> => {
  const name = newName('template');
  await onServer(url, `create database ${name}`);
  const database = openDatabase(urlOfDatabase(url, name), { poolSize: 2 });
  await migrate(database);
  await database.destroy();
  return name;
};

/** A copy of the template in a tenth of a second, where the migrations would take more with each one that is written. */
export const cloneDatabase = async (url: string, template: string): Promise<string> => {
  const name = newName('test');
  await onServer(url, `create database ${name} template ${template}`);
  return name;
};

export const createEmptyDatabase = async (url: string): Promise<string> => {
  const name = newName('empty');
  await onServer(url, `create database ${name}`);
  return name;
};

export const dropTestDatabase = (url: string, name: string): Promise<void> =>
  onServer(url, `drop database if exists ${name} with (force)`);

const onServer = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};
