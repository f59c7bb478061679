import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../../kong-plugin/demo/http/received-requests.ts';
import { startGovernedDemo, type GovernedDemoForTests } from '../setup/governed-demo.ts';
import type { CorpusCase } from './case.ts';
import { corpus } from './cases.ts';
import { checkBody, checkForwarded, checkKeyless, checkRecord } from './checks.ts';
import { GatewayRunner, type GatewayResult } from './gateway-runner.ts';
import { answerTo } from './mcp-answer.ts';

let demo: GovernedDemoForTests;
let runner: GatewayRunner;
beforeAll(async () => {
  demo = await startGovernedDemo();
  runner = new GatewayRunner(demo);
});
afterAll(async () => {
  await demo.close();
});

const governed = corpus.filter(({ atGateway }) => atGateway === undefined);
const answeredBefore = corpus.flatMap((test) =>
  test.atGateway === undefined ? [] : [[test.name, test.atGateway.why, test, test.atGateway] as const],
);

describe('the golden corpus, through the gateway', () => {
  it.each(governed.map((test) => [test.name, test] as const))('%s', async (_name, test) => {
    const { expect: expected } = test;
    const { reply, received, record } = await runner.run(test, { isRecorded: true });

    expect({ status: reply.status, received: received.length }).toEqual({
      status: expected.status,
      received: expected.reachesServer ? 1 : 0,
    });
    if (record === undefined) throw new Error('no record');
    checkRecord(record, test);
    expect(record.status).toBe(expected.status);
    expect(record.outcome === 'refused').toBe(expected.decision === 'deny');
    if (expected.body !== undefined) checkBody(reply.body, expected.body);
    if (expected.shows !== undefined) expect(shownBy(reply)).toEqual([...expected.shows.names].sort());
    for (const arrived of received) checkArrived(arrived, test);
  });

  it.each(answeredBefore)('%s, because %s', async (_name, _why, test, before) => {
    const { reply, received, record } = await runner.run(test, before);

    expect({ status: reply.status, received: received.length }).toEqual({ status: before.status, received: 0 });
    if (record === undefined) return expect(before.isRecorded).toBe(false);
    expect(record).toMatchObject({ decision: 'deny', reason: test.expect.reason, rule: 'guard:not_governed' });
    checkKeyless(JSON.stringify(record));
  });

  it('ran delete_order not once', () => {
    expect(demo.mcpServer.countCalls('delete_order')).toBe(0);
  });
});

const listKeys = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;

const shownBy = (reply: GatewayResult['reply']): readonly string[] => {
  const result = answerTo(7, reply)?.result ?? {};
  const items = listKeys.flatMap((key) => (result[key] ?? []) as readonly Readonly<Record<string, string>>[]);
  return items.map((item) => item['uriTemplate'] ?? item['uri'] ?? item['name'] ?? '').sort();
};

const checkArrived = ({ path, headers, body }: ReceivedRequest, test: CorpusCase): void => {
  const flat = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  checkForwarded({ headers: new Map(flat), query: path.split('?', 2)[1] ?? '' }, test.expect.serverSees ?? {});
  if (typeof test.request.body === 'string') expect(body).toEqual(JSON.parse(test.request.body));
};
