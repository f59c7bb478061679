import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalStatement, readCanonicalStatement, withEvidence } from './canonical-statement.ts';
import { bucketSha256, evidenceRoot, type EvidenceBucket } from './evidence.ts';
import { explainAmount } from './explain-amount.ts';
import { lateDifferences } from './late-usage.ts';
import { sealOf } from './seal.ts';
import { built, price, used } from './testing/statement-fixtures.ts';

const statement = built({ usage: [used(100), used(3, { outcome: 'refused' })] });

describe('the canonical statement', () => {
  it('is one text, byte for byte, so that its seal can be recomputed by anybody', () => {
    expect(canonicalStatement(statement)).toBe(
      '{"currency":"eur","id":"stm_202603_47f76b149455628b","lines":[{"allocations":[{"amountMinor":"100","costCenter":"","quantity":"100","team":""}],' +
        '"amountMinor":"100","days":["2026-03-01","2026-03-31"],"description":"weather / forecast: 100 calls, at 0.01 EUR each","freeQuantity":"0",' +
        '"kind":"usage","lineNo":1,"outcomes":{"billed":[{"outcome":"ok","quantity":"100"}],"unbilled":[{"outcome":"refused","quantity":"3"}]},' +
        '"priceVersionId":"list","quantity":"100","server":"weather","tool":"forecast","unitAmount":"0.01"}],"periodEnd":"2026-04-01",' +
        '"periodStart":"2026-03-01","revision":1,"subtotalMinor":"100","tenant":"acme","tenantName":"Acme GmbH",' +
        '"unbilled":[{"outcome":"refused","quantity":"3","server":"weather","tool":"forecast"}],"unpriced":[],"version":1}',
    );
    const text = `mcp-governance.statement.v1\n${canonicalStatement(statement)}`;
    expect(sealOf(statement)).toBe(createHash('sha256').update(text).digest('hex'));
    expect(sealOf({ ...statement, sealSha256: 'whatever' })).toBe(sealOf(statement));
  });

  it('covers every field: the evidence of a line, who bears it, what was not billed', () => {
    const seals = [
      statement,
      withEvidence(statement, () => 'ab'),
      { ...statement, unbilled: [] },
      { ...statement, tenantName: 'Acme AG' },
      { ...statement, lines: statement.lines.map((line) => ({ ...line, allocations: [] })) },
    ].map(sealOf);
    expect(new Set(seals).size).toBe(seals.length);
  });

  it.each([
    ['not json', 'no'],
    ['another version', canonicalStatement(statement).replace('"version":1', '"version":2')],
    ['white space', canonicalStatement(statement).replace('{', '{ ')],
  ])('is not read from %s', (_name, text) => {
    expect(readCanonicalStatement(text).ok).toBe(false);
  });
});

describe('evidence', () => {
  const entry = (id: string, content: string) => ({
    id,
    contentSha256: createHash('sha256').update(content).digest('hex'),
  });
  const one = entry('0195a3c0-0000-7000-8000-000000000001', 'a');
  const two = entry('0195a3c0-0000-7000-8000-000000000002', 'b');
  const bucket: EvidenceBucket = { day: '2026-03-01', outcome: 'ok', count: 2n, sha256: bucketSha256([one, two]) };

  it('of a bucket does not depend on the order of its calls, and on everything else', () => {
    expect(bucketSha256([two, one])).toBe(bucketSha256([one, two]));
    const others = [[one], [], [one, two, two], [{ ...one, contentSha256: two.contentSha256 }, two]].map(bucketSha256);
    expect(new Set([...others, bucket.sha256]).size).toBe(5);
  });

  it('of a line is one root over its buckets in any order', () => {
    const other = { ...bucket, day: '2026-03-02' };
    expect(evidenceRoot([bucket, other])).toBe(evidenceRoot([other, bucket]));
    const roots = [[bucket], [bucket, other], [{ ...bucket, count: 3n }], [{ ...bucket, outcome: 'x' }]].map(
      evidenceRoot,
    );
    expect(new Set(roots).size).toBe(4);
    expect(evidenceRoot([])).toBeUndefined();
  });
});

describe('late usage', () => {
  const prices = [
    price('p', { price: { model: 'graduated', tiers: [{ upTo: 100n, unitAmount: '1' }, { unitAmount: '0.5' }] } }),
  ];
  const at = (quantity: number) => built({ prices, usage: [used(quantity)] });

  it('is the difference to what was sealed, less what was corrected before', () => {
    const [first] = lateDifferences({ sealed: at(95), rerated: at(105), adjusted: [] });
    expect(first).toMatchObject({ tool: 'forecast', quantityDelta: 10n, amountMinor: 750n });
    const adjusted = first === undefined ? [] : [first];
    expect(lateDifferences({ sealed: at(95), rerated: at(105), adjusted })).toEqual([]);
    expect(lateDifferences({ sealed: at(95), rerated: at(115), adjusted })).toMatchObject([
      { quantityDelta: 10n, amountMinor: 500n },
    ]);
  });

  it('of a tool that was not on the statement is all of it; corrections on either side do not count', () => {
    const adjustment = { id: 'a', tenant: 'acme', day: '2026-02-01', quantityDelta: 0n, amountMinor: -9n, reason: 'x' };
    const sealed = built({ adjustments: [adjustment] });
    expect(lateDifferences({ sealed, rerated: at(5), adjusted: [] })).toMatchObject([
      { quantityDelta: 5n, amountMinor: 500n },
    ]);
  });
});

describe('explaining an amount', () => {
  it('recomputes it, and says so when the line says something else', () => {
    const version = price('list');
    const [line] = statement.lines;
    if (line === undefined) throw new Error('no line');
    expect(explainAmount(statement, line, version)).toEqual([
      '100 calls from 1 to 31 March 2026 with outcome ok.',
      '3 calls with outcome refused are not billed.',
      '100 calls at 0.01 EUR each are 1 EUR.',
      'Rounded once, half up: 1.00 EUR.',
    ]);
    expect(explainAmount(statement, { ...line, amountMinor: 99n }, version).at(-1)).toBe(
      'The line says 0.99 EUR, which is not that.',
    );
    expect(explainAmount(statement, { ...line, freeQuantity: 100n, amountMinor: 0n }, version).slice(-2)).toEqual([
      '100 of the calls are free.',
      'Nothing is left to pay.',
    ]);
  });
});
