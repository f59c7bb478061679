import { describe, expect, it } from 'vitest';
import { readToldOutcome } from '../../src/host/read-told-outcome.ts';
import { parseRequest } from '../../src/plugin-server/rpc-codec.ts';
import { players } from './testing/players.ts';
import { verdictFor, type Scenario, type ScenarioEnd, type ScenarioResult } from './testing/scenario.ts';

/** The parameter of one `plugin.Conclude`, as the plugin server reads it. */
const outcomesIn = (message: Uint8Array): readonly (readonly Uint8Array[])[] => {
  const request = parseRequest(message);
  if (!request.ok || request.value.method !== 'plugin.Conclude') throw new Error('not a message of the guard');
  return request.value.parameters[0] as readonly (readonly Uint8Array[])[];
};

describe.each(players)('delivery of outcomes, on $name', ({ isPresent, play }) => {
  const playEnd = (end: ScenarioEnd, more: Partial<Scenario> = {}): ScenarioResult => {
    const context = { mcp_guard_verdict: verdictFor() };
    const [result] = play([{ context, response: { body: '{"jsonrpc":"2.0","id":1,"result":{}}' }, end, ...more }]);
    if (result === undefined) throw new Error('nothing was played');
    return result;
  };
  /** What the plugin server makes of the messages. */
  const delivered = ({ delivery }: ScenarioResult): readonly (readonly unknown[])[] =>
    (delivery?.messages ?? []).map((message) =>
      outcomesIn(Buffer.from(message, 'base64')).map((parts) => {
        const [plugin = '', text = '', admission = ''] = parts.map((part) => Buffer.from(part).toString('utf8'));
        return {
          plugin,
          outcome: readToldOutcome(admission === '' ? { text } : { text, admission }),
        };
      }),
    );

  it.runIf(isPresent)('sends the outcome of a request to the plugin that judged it, a moment after its end', () => {
    const result = playEnd({});
    expect(delivered(result)).toEqual([[{ plugin: 'plugin-1', outcome: result.outcome }]]);
    expect(result.delivery?.delays).toEqual([0.001]);
    expect(result.errors).toEqual([]);
  });

  it.runIf(isPresent)('sends what ends together in one message, of at most 200', () => {
    const sizes = delivered(playEnd({ times: 450 })).map((batch) => batch.length);
    expect(sizes).toEqual([200, 200, 50]);
  });

  it.runIf(isPresent)('does not wait where a place of a concurrency limit comes back with the outcome', () => {
    const context = { mcp_guard_verdict: verdictFor({ has_lease: true }) };
    expect(playEnd({}, { context }).delivery?.delays).toEqual([0]);
  });

  it.runIf(isPresent)('keeps everything while there is no connection, and tries again, ever more slowly', () => {
    const away = ['connection refused', 'connection refused', 'connection refused', 'connection refused', 'refused'];
    const result = playEnd({ times: 3, answers: away });
    expect(delivered(result).map((batch) => batch.length)).toEqual([3]);
    expect(result.delivery?.delays).toEqual([0.001, 0.1, 0.2, 0.4, 0.8, 1]);
    expect(result.errors).toEqual(['mcp-guard keeps 3 records for the plugin server: connection refused']);
  });

  it.runIf(isPresent)(
    'tells a plugin server that has just started the configuration, and sends again only what it did not know',
    () => {
      const result = playEnd({ times: 3, answers: [[2, 3]] });
      expect(delivered(result).map((batch) => batch.length)).toEqual([3, 2]);
      expect(result.delivery?.introduced).toEqual(['mcp-governance plugin-1']);
    },
  );

  it.runIf(isPresent)('writes to the log what cannot be delivered before Kong ends', () => {
    const result = playEnd({ answers: Array.from({ length: 30 }, () => 'connection refused'), isExiting: true });
    expect(result.delivery?.messages).toEqual([]);
    expect(result.delivery?.delays).toEqual([0, ...Array.from({ length: 29 }, () => 0.1)]);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toContain('could not deliver a record (connection refused): {"');
    // Kong's log plugins may see the same table later.
    expect(result.outcome).toMatchObject({ admission: '{"server":"orders"}' });
  });

  it.runIf(isPresent)('writes it as one line, whatever lines the admission has', () => {
    const context = { mcp_guard_verdict: verdictFor({ admission: 'f0e1\n{"server":"orders"}\nf0e1' }) };
    const answers = Array.from({ length: 30 }, () => 'connection refused');
    const { errors } = playEnd({ answers, isExiting: true }, { context });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/\} f0e1 \{"server":"orders"\} f0e1$/);
  });

  it.runIf(isPresent)('of a worker that ends reaches the plugin server that replaced the one it knew', () => {
    const result = playEnd({ answers: ['connection refused', [1, 2]], times: 2, isExiting: true });
    expect(delivered(result).map((batch) => batch.length)).toEqual([2, 2]);
    expect(result.delivery?.introduced).toEqual(['mcp-governance plugin-1']);
    expect(result.errors).toEqual([]);
  });

  it.runIf(isPresent)('writes to the log the oldest of more than 10,000', () => {
    const { errors } = playEnd({ times: 10_001, answers: ['connection refused'] });
    expect(errors.filter((line) => line.includes('too many wait'))).toHaveLength(1);
  });

  it.runIf(isPresent)('sends the outcome of a call whose client left before the server said anything', () => {
    const [result] = play([{ context: { mcp_guard_verdict: verdictFor() }, end: {} }]);
    if (result === undefined) throw new Error('nothing was played');
    expect(delivered(result)).toMatchObject([[{ outcome: { outcome: 'unknown', why: 'incomplete' } }]]);
  });

  it.runIf(isPresent)(
    'sends what another plugin answered before ours was asked: whether that is recorded is not the guard’s',
    () => {
      const result = playEnd(
        {},
        { context: {}, access: false, response: { source: 'exit', status: 401, upstreamStatus: null } },
      );
      expect(delivered(result)).toMatchObject([[{ outcome: { outcome: 'none', why: 'not_governed', status: 401 } }]]);
    },
  );
});
