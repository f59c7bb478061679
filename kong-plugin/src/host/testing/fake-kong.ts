import { definedFields } from '../../domain/defined-fields.ts';
import type { GuardFacts, Verdict } from '../guard-protocol.ts';
import type { Kong } from '../kong.ts';

export interface KongCall {
  readonly name: string;
  readonly parameters: readonly unknown[];
}

/** A Kong that answers from a table and notes every call, which on a real one is a socket round trip. */
export const fakeKong = (
  answers: Readonly<Record<string, unknown>>,
): { readonly kong: Kong; readonly calls: readonly KongCall[] } => {
  const calls: KongCall[] = [];
  const at = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_, name) => at(path === '' ? String(name) : `${path}.${String(name)}`),
      apply: (_, __, parameters: readonly unknown[]) => {
        calls.push({ name: path, parameters });
        const answer = answers[path];
        return Promise.resolve(
          typeof answer === 'function' ? (answer as (...given: readonly unknown[]) => unknown)(...parameters) : answer,
        );
      },
    });
  return { kong: at('') as Kong, calls };
};

export const namesOf = (calls: readonly KongCall[]): readonly string[] => calls.map((call) => call.name);

/** The facts, and the body that goes beside them. */
export interface SentFacts extends GuardFacts {
  readonly body?: string;
}

/** Facts about a POST of `message` by acme-support. */
export const factsOf = (message: unknown, changes: Partial<SentFacts> = {}): SentFacts => ({
  v: 6,
  covered: true,
  request_id: '0123456789abcdef0123456789abcdef',
  started_at: Date.parse('2026-11-23T10:00:00Z'),
  method: 'POST',
  path: '/mcp/orders',
  headers: {
    'content-type': ['application/json'],
    accept: ['application/json, text/event-stream'],
    apikey: ['test-key-acme-support'],
    'x-consumer-id': ['consumer-1'],
  },
  body: typeof message === 'string' ? message : JSON.stringify(message),
  consumer: { id: 'consumer-1', username: 'acme-support', tags: ['tenant:acme'] },
  credential_id: 'credential-1',
  ...changes,
});

/** As mcp-guard writes them (facts.lua). */
export const factLines = (facts: GuardFacts): string => {
  const { request_id: requestId, consumer, credential_id: credentialId, groups, token } = facts;
  const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));
  return [
    ...[requestId, facts.v, facts.covered ? '1' : '', facts.started_at, facts.method, facts.path, facts.query],
    ...[consumer, credentialId, groups, token].map(json),
    ...[facts.headers_truncated === true ? '1' : '', facts.body_error, json(facts.headers), requestId],
  ].join('\n');
};

/** As mcp-guard reads it (verdict.lua). */
export const readVerdictText = (text: string): Omit<Verdict, 'admission'> => {
  const [requestId, whom = '', todo = '', id, query, setHeaders, cleared = '', answered = '', ...rest] =
    text.split('\n');
  const [v, kind, scope, scopeId, sessionKey, ...consumer] = whom.split(' ');
  const namesIn = (line: string): readonly string[] => (line === '' ? [] : line.split(':'));
  const values = rest.slice(0, -1);
  if (rest.at(-1) !== requestId || values.length !== namesIn(answered).length) throw new Error('not a whole verdict');
  const parts = {
    ...{ v: Number(v), kind, scope, scope_id: scopeId, consumer: consumer.join(' '), request_id: requestId },
    ...{ filter: todo.includes('filter'), has_lease: todo.includes('lease') ? true : undefined },
    session_key: sessionKey === '' ? undefined : sessionKey,
    id: id === '' ? undefined : JSON.parse(String(id)),
    query: query === '' ? undefined : query?.slice(1),
    set_headers: setHeaders === '' ? undefined : JSON.parse(String(setHeaders)),
    clear_headers: namesIn(cleared),
    response_headers: Object.fromEntries(namesIn(answered).map((name, index) => [name, values[index]])),
  };
  return definedFields(parts) as unknown as Omit<Verdict, 'admission'>;
};

/** As mcp-guard sends them with `plugin.Judge`. */
export const toldFacts = ({ body = '', ...facts }: SentFacts): { readonly text: Buffer; readonly body: Buffer } => ({
  text: Buffer.from(factLines(facts)),
  body: Buffer.from(body),
});

/** As it answers `facts`. */
export const packFacts = (sent: SentFacts): readonly unknown[] => {
  const { text, body } = toldFacts(sent);
  return [text, body].map((bytes) => bytes.toString('base64'));
};
