import { describe, expect, it } from 'vitest';
import { demoItems } from './case.ts';
import { corpus } from './cases.ts';
import { checkBody, checkForwarded, checkRecord } from './checks.ts';
import { runInDomain } from './domain-runner.ts';

describe('the golden corpus, in the domain', () => {
  it.each(corpus.map((test) => [test.name, test] as const))('%s', async (_name, test) => {
    const { expect: expected } = test;
    const { governed, record, reply, forwarded, mayUse } = await runInDomain(test);

    expect(governed.effect).toBe(expected.decision === 'allow' ? 'forward' : 'refuse');
    checkRecord(record, test);
    expect(reply?.status).toBe(expected.decision === 'deny' ? expected.status : undefined);
    if (reply !== undefined && expected.body !== undefined) checkBody(reply.body, expected.body);
    expect(forwarded === undefined).toBe(!expected.reachesServer);
    if (forwarded !== undefined) checkForwarded(forwarded, expected.serverSees ?? {});
    if (expected.shows !== undefined) {
      const { kind, names } = expected.shows;
      expect(demoItems[kind].filter((name) => mayUse(kind, name)).sort()).toEqual([...names].sort());
    }
  });
});
