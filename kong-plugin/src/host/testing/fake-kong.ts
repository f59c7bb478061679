import { frameText } from '../../domain/framed-text.ts';
import type { GuardFacts } from '../guard-protocol.ts';
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
  v: 5,
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

/** As mcp-guard sends them with `plugin.Judge`. */
export const toldFacts = ({ body = '', ...facts }: SentFacts): { readonly text: Buffer; readonly body: Buffer } => ({
  text: Buffer.from(frameText(facts.request_id, facts)),
  body: Buffer.from(body),
});

/** As it answers `facts`. */
export const packFacts = (sent: SentFacts): readonly unknown[] => {
  const { text, body } = toldFacts(sent);
  return [text, body].map((bytes) => bytes.toString('base64'));
};
