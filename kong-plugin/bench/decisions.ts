import { Buffer } from 'node:buffer';
import { createJudge } from '../src/domain/judge.ts';
import { readMcpMessage } from '../src/domain/mcp/read-message.ts';
import { buildAdmission } from '../src/domain/records/build-admission.ts';
import { createRedactor, defaultRedactKeys } from '../src/domain/records/redact.ts';
import type { Caller } from '../src/domain/caller.ts';
import type { HttpRequest } from '../src/domain/http-request.ts';
import type { Rule } from '../src/domain/rule.ts';
import type { ServerConfig } from '../src/domain/server-config.ts';
import { readConfig } from '../src/config/read-config.ts';
import { measure, measureCpu, table, type Timing } from './measure.ts';

const ROUNDS = 20_000;

/** A `tools/call` of about 1 KB with arguments of several shapes. */
const request = (tool: string): HttpRequest => {
  const body = {
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: {
      name: tool,
      arguments: {
        query: 'lamp',
        note: 'x'.repeat(700),
        filters: [{ field: 'city', value: 'Turin' }],
        limit: 10,
        deep: { a: { b: [1, 2, 3] } },
      },
    },
  };
  return {
    method: 'POST',
    path: '/mcp/orders',
    query: '',
    headers: new Map([
      ['content-type', ['application/json']],
      ['accept', ['application/json, text/event-stream']],
    ]),
    body: Buffer.from(JSON.stringify(body)),
  };
};

const rules = (count: number, applications: number): readonly Rule[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `rule-${index}`,
    effect: index % 10 === 9 ? 'deny' : 'allow',
    callers: { consumers: [`app-${index % applications}`] },
    tools: index % 10 === 9 ? [`delete_${index}`] : [`tool_${index}`, `read_${index}_*`],
    prompts: [],
    resources: [],
  }));

const caller = (application: number): Caller => ({
  consumerId: `c-${application}`,
  consumer: `app-${application}`,
  tags: ['tenant:acme'],
  groups: [],
  scopes: [],
  tenant: 'acme',
  application: `app-${application}`,
});

const serverConfig = (): ServerConfig => {
  const config = readConfig({ server: { name: 'bench' } });
  if (!config.ok) throw new Error(config.error.join('; '));
  return config.value.server;
};

interface Decisions {
  readonly read: Timing;
  readonly judge: Timing;
  readonly judgeCpu: number;
  /** Read, judged and described. */
  readonly wholeCpu: number;
}

/** Reads, judges and describes one call as the access phase does, without Kong and without a socket. */
const timeDecisions = (ruleCount: number, applications: number): Decisions => {
  const config: ServerConfig = { ...serverConfig(), rules: rules(ruleCount, applications) };
  const judge = createJudge(config);
  const call = request('tool_3');
  const options = { limits: config.limits, mcp: config.mcp };
  const message = readMcpMessage(call, options);
  if (!message.ok) throw new Error(message.error.detail);
  const redact = createRedactor({ ...config.records, redactKeys: defaultRedactKeys });
  // A caller is made anew for every request, as it is from Kong's facts; in no order, because requests come in none.
  const order = shuffled(applications);
  const callerOf = (round: number): Caller => caller(order[round % applications] ?? 0);
  const decide = (round: number, who: Caller = callerOf(round)) =>
    judge.decide({ message: message.value, caller: who, session: 'none', now: 0 });
  const wholeDecision = (round: number): void => {
    const read = readMcpMessage(call, options);
    const who = callerOf(round);
    if (!read.ok) throw new Error(read.error.detail);
    const decision = judge.decide({ message: read.value, caller: who, session: 'none', now: 0 });
    const facts = { server: 'bench', httpMethod: 'POST' };
    buildAdmission({ ...facts, message: read.value, decision, caller: who }, { arguments: 'redacted', redact });
  };
  return {
    read: measure(ROUNDS, () => readMcpMessage(call, options)),
    judge: measure(ROUNDS, (round) => decide(round)),
    judgeCpu: measureCpu(ROUNDS, (round) => decide(round)),
    wholeCpu: measureCpu(ROUNDS, wholeDecision),
  };
};

const shuffled = (count: number): readonly number[] => {
  const order = Array.from({ length: count }, (_, index) => index);
  // A fixed walk that meets each once: 7,919 is prime and divides none of the counts.
  return order.map((index) => (index * 7_919) % count);
};

export const benchDecisions = (print: (line: string) => void): void => {
  const cases: readonly (readonly [number, number])[] = [
    [10, 10],
    [100, 10],
    [1_000, 10],
    [1_000, 1_000],
    [10_000, 10_000],
  ];
  const results = cases.map(([ruleCount, applications]) => ({
    ruleCount,
    applications,
    ...timeDecisions(ruleCount, applications),
  }));
  const base = results[0];
  const us = (value: number): string => value.toFixed(1);
  const ratio = (value: number, to: number | undefined): string => `${(value / (to ?? value)).toFixed(2)}x`;
  print('One 1 KB tools/call, domain alone (microseconds); CPU is the best of five batches, callers in no order');
  print(
    table([
      [
        ...['rules', 'applications', 'read p50', 'p99', 'judge p50', 'p99', 'judge CPU', 'to 10 rules'],
        ...['read, judge, describe CPU', 'to 10 rules'],
      ],
      ...results.map((row) => [
        String(row.ruleCount),
        String(row.applications),
        us(row.read.p50),
        us(row.read.p99),
        us(row.judge.p50),
        us(row.judge.p99),
        us(row.judgeCpu),
        ratio(row.judgeCpu, base?.judgeCpu),
        us(row.wholeCpu),
        ratio(row.wholeCpu, base?.wholeCpu),
      ]),
    ]),
  );
  print('A judge does the same look-ups for any number; what 10,000 callers add is memory that no cache holds.');
};
