import { describe, expect, it } from 'vitest';
import { frameText } from '../../src/domain/framed-text.ts';
import { readFactLines } from '../../src/host/fact-lines.ts';
import type { Verdict } from '../../src/host/guard-protocol.ts';
import { verdictText } from '../../src/host/verdict-text.ts';
import { parseRequest } from '../../src/plugin-server/rpc-codec.ts';
import { players } from './testing/players.ts';
import { requestId, verdictFor, type Scenario, type ScenarioJudge, type ScenarioResult } from './testing/scenario.ts';

const [ADMIT, REFUSE, EXIT, ASK, NO_INSTANCE, FAILED] = [1, 2, 3, 4, 5, 6];

const options = { max_body_bytes: 100, groups: false, token: false, judges: true };
const admit = [ADMIT, verdictText(verdictFor() as unknown as Verdict), '{"server":"orders"}'] as const;
const reply = frameText(requestId, {
  status: 429,
  body: '{"slow":"down"}',
  headers: { 'retry-after': '7' },
});

/** The parameters of one `plugin.Judge`, as the plugin server reads them. */
const questionIn = (message: string) => {
  const request = parseRequest(Buffer.from(message, 'base64'));
  if (!request.ok || request.value.method !== 'plugin.Judge') throw new Error('not a question of the guard');
  const [instance, body, text] = request.value.parameters as readonly [number, Uint8Array, Uint8Array];
  return { instance, body: Buffer.from(body), facts: readFactLines(Buffer.from(text).toString('utf8')) };
};

describe.each(players)('an access phase in one message, on $name', ({ isPresent, play }) => {
  const judge = (changes: Partial<ScenarioJudge>, more: Partial<Scenario> = {}): ScenarioResult => {
    const [result] = play([
      {
        judge: { options, accesses: [false, false], answers: [admit], ...changes },
        response: { body: '{"jsonrpc":"2.0","id":1,"result":{}}' },
        ...more,
      },
    ]);
    if (result === undefined) throw new Error('nothing was played');
    return result;
  };
  const refusedByGuard = { exit: { status: 503 }, outcome: { outcome: 'guard_refused', why: 'no_verdict' } };

  it.runIf(isPresent)('takes the place of Kong’s own from the second request of a configuration on', () => {
    const result = judge({ accesses: [false, false, false], answers: [admit, admit] });
    expect(result.judged).toMatchObject({ originals: 1, kept: 2, closed: 0 });
    expect(result.judged?.questions).toHaveLength(2);
    expect(result).toMatchObject({ status: 200, isBuffered: false, outcome: { admission: '{"server":"orders"}' } });
    expect(result.errors).toEqual([]);
  });

  it.runIf(isPresent)('leaves the phase to Kong where the plugin server did not say that it understands', () => {
    const { judged } = judge({ options: { ...options, judges: false }, accesses: [false, false, false] });
    expect(judged).toMatchObject({ originals: 3, questions: [] });
  });

  it.runIf(isPresent)('asks with the instance, the facts that the plugin server wanted, and the body', () => {
    const result = judge(
      { options: { ...options, groups: true } },
      { request: { body: '{"a":"é"}', groups: ['gold'] } },
    );
    expect(questionIn(result.judged?.questions[0] ?? '')).toMatchObject({
      instance: 123_456_789_012,
      body: Buffer.from('{"a":"é"}'),
      facts: { v: 6, covered: true, request_id: requestId, groups: ['gold'], path: '/mcp' },
    });
  });

  it.runIf(isPresent)('has an empty body where the body is too large, and says so', () => {
    const { judged } = judge({}, { request: { body: 'x'.repeat(101) } });
    expect(questionIn(judged?.questions[0] ?? '')).toMatchObject({
      body: Buffer.alloc(0),
      facts: { body_error: 'too_large' },
    });
  });

  it.runIf(isPresent)('ends with the refusal that the plugin server worded', () => {
    const result = judge({ answers: [[REFUSE, reply, '{"server":"billing"}']] });
    expect(result.exit).toEqual({ status: 429, body: '{"slow":"down"}', headers: { 'retry-after': '7' } });
    expect(result.outcome).toMatchObject({ outcome: 'refused', status: 429, admission: '{"server":"billing"}' });
  });

  it.runIf(isPresent)('ends with a document of the gateway’s own: nothing was judged', () => {
    const result = judge({ answers: [[EXIT, reply]] });
    expect(result.exit?.status).toBe(429);
    expect(result.outcome).toMatchObject({ outcome: 'none', why: 'not_governed' });
  });

  it.runIf(isPresent)('goes Kong’s own way when these facts do not suffice, and learns which do', () => {
    const result = judge({ answers: [[ASK]] });
    expect(result.judged).toMatchObject({ originals: 2, resets: 0 });
  });

  it.runIf(isPresent)('goes Kong’s own way when the plugin server does not know the instance', () => {
    const result = judge({ answers: [[NO_INSTANCE]] });
    expect(result.judged).toMatchObject({ originals: 2, resets: 1 });
  });

  it.runIf(isPresent)('goes Kong’s own way again when Kong has loaded its configuration anew', () => {
    const result = judge({ accesses: [false, true, false] });
    expect(result.judged).toMatchObject({ originals: 2 });
    expect(result.judged?.questions).toHaveLength(1);
  });

  // Seen on Kong 3.9.1 with two workers, while configurations replace each other.
  it.runIf(isPresent)('goes Kong’s own way, which tries again, while another request changes the instance', () => {
    const result = judge({ instanceFails: '' });
    expect(result.judged).toMatchObject({ originals: 2, questions: [] });
    expect(result.errors.join()).not.toContain('got no judgement');
  });

  const failures: readonly (readonly [string, Partial<ScenarioJudge>])[] = [
    ['nobody listens', { answers: ['connection refused'] }],
    ['the plugin server says that it failed', { answers: [[FAILED]] }],
    ['the connection ends before the answer', { answers: ['bytes:'] }],
    ['the connection ends in the answer', { answers: ['bytes:\u0001\u0001\u0001\u0001\u0001\u0001\u0001'] }],
    ['the answer is none', { answers: ['bytes:HTTP/1.1 200 OK and more'] }],
    ['the answer is of no known kind', { answers: [[99, 'x']] }],
    ['Kong cannot say which instance', { instanceFails: 'Could not claim instance_id' }],
  ];
  it.runIf(isPresent).each(failures)('%s: no verdict, and the guard refuses', (_title, changes) => {
    const result = judge(changes);
    expect(result).toMatchObject(refusedByGuard);
    expect(result.judged?.originals).toBe(1);
    expect(result.errors.join()).toContain('got no judgement');
  });

  it.runIf(isPresent)('refuses where the verdict is no text of ours', () => {
    expect(judge({ answers: [[ADMIT, '{"v":6}', '']] })).toMatchObject(refusedByGuard);
  });

  it.runIf(isPresent)('never puts a connection back with an answer still to come', () => {
    const { judged } = judge({ answers: ['bytes:\u0001\u0001'] });
    expect(judged).toMatchObject({ kept: 0, closed: 1 });
  });

  it.runIf(isPresent)('refuses the verdict of another request', () => {
    const other = verdictText(verdictFor({ request_id: 'other' }) as unknown as Verdict);
    const result = judge({ answers: [[ADMIT, other, '{}']] });
    expect(result).toMatchObject({ exit: { status: 503 }, outcome: { why: 'wrong_request' } });
  });
});
