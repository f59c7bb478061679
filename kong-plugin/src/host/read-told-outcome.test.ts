import { describe, expect, it } from 'vitest';
import { readToldOutcome } from './read-told-outcome.ts';

const lines = ['f0e1', '6', '1795679803659', '192.0.2.1', 'POST', '/mcp', '200', '200', '280', '100', '3', '4', '8'];
const ended = [...lines, 'consumer-1', 'route-1', 'service-1', 'task', '', '', '"a\\nb"', 'f0e1'];

/** What every line of them says, and no empty one. */
const always = {
  v: 6,
  request_id: 'f0e1',
  started_at: 1_795_679_803_659,
  client_ip: '192.0.2.1',
  method: 'POST',
  path: '/mcp',
  status: 200,
  request_bytes: 280,
  response_bytes: 100,
  outcome: 'task',
};

describe('the end of a request as mcp-guard tells it', () => {
  it('is read line by line, the task id as JSON', () => {
    expect(readToldOutcome({ text: ended.join('\n'), admission: '{}' })).toEqual({
      ...always,
      upstream_status: 200,
      latency: { kong: 3, upstream: 4, total: 8 },
      consumer: 'consumer-1',
      route_id: 'route-1',
      service_id: 'service-1',
      task_id: 'a\nb',
      admission: '{}',
    });
  });

  it('leaves out what an empty line does not say', () => {
    const short = ended.map((line, index) => ([7, 10, 11, 13, 14, 15, 19].includes(index) ? '' : line));
    const outcome = readToldOutcome({ text: short.join('\n') });
    expect(JSON.parse(JSON.stringify(outcome))).toEqual({ ...always, latency: { total: 8 } });
  });

  it.each([
    ['JSON, as an older guard sends it', '["f0e1",{"outcome":"ok"},"f0e1"]'],
    ['a line too many', [...ended.slice(0, -1), 'more', 'f0e1'].join('\n')],
    ['another id at the end', [...ended.slice(0, -1), 'f0e2'].join('\n')],
  ])('refuses %s', (_, text) => {
    expect(() => readToldOutcome({ text })).toThrow('another version of the protocol');
  });
});
