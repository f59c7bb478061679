import type { Database } from '../../database/open-database.ts';
import type { Access } from '../access.ts';
import type { ApiContext, ApiEvent } from '../api-env.ts';
import { createApi } from '../create-api.ts';

export const TEST_NOW = Date.parse('2026-11-20T12:00:00Z');

/** Tokens of the tests: who they are is written in them. */
const testAccess: Readonly<Record<string, Access>> = {
  admin: { tokenId: 'tok-admin', roles: ['admin'] },
  usage: { tokenId: 'tok-usage', roles: ['usage'] },
  finance: { tokenId: 'tok-finance', roles: ['finance'] },
  audit: { tokenId: 'tok-audit', roles: ['audit'] },
  gateway: { tokenId: 'tok-gateway', roles: ['gateway'] },
  acme: { tokenId: 'tok-acme', roles: ['usage', 'audit', 'finance'], tenant: 'acme' },
  globex: { tokenId: 'tok-globex', roles: ['usage', 'audit', 'finance', 'admin', 'gateway'], tenant: 'globex' },
};

export type TestToken = keyof typeof testAccess;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whatever JSON it is; undefined when it is none. */
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- a test says what it expects
}

export interface TestApi {
  readonly app: ReturnType<typeof createApi>;
  readonly events: readonly ApiEvent[];
  get(path: string, token?: string): Promise<Answer>;
  send(method: string, path: string, options?: { readonly token?: string; readonly body?: unknown }): Promise<Answer>;
}

export const createTestApi = (database: Database, more: Partial<ApiContext> = {}): TestApi => {
  const events: ApiEvent[] = [];
  const app = createApi({
    database,
    findAccess: (token) => Promise.resolve(testAccess[token]),
    now: () => TEST_NOW,
    log: (event) => void events.push(event),
    parties: { issuer: 'Example Tools Ltd', provider: 'Example Tools Ltd', publisher: 'Example Tools Ltd' },
    ...more,
  });
  const send: TestApi['send'] = async (method, path, { token = 'admin', body } = {}) => {
    const response = await app.request(path, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return { app, events, send, get: (path, token) => send('GET', path, token === undefined ? {} : { token }) };
};
