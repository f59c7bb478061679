import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sidecarOf, toCsv, toExportFile, type CsvColumn } from './csv.ts';
import { readCsv } from './testing/read-csv.ts';

interface Row {
  readonly tool: string;
  readonly amount?: string;
}

const columns: readonly CsvColumn<Row>[] = [
  { name: 'Tool', kind: 'text', value: ({ tool }) => tool },
  { name: 'Amount', kind: 'number', value: ({ amount }) => amount },
];

describe('CSV', () => {
  it('is RFC 4180: a header, CRLF, quotes doubled and only where needed', () => {
    expect(
      toCsv(columns, [
        { tool: 'search_orders', amount: '0.50' },
        { tool: 'a "b", c', amount: '-3' },
        { tool: 'two\nlines' },
        { tool: 'Überweisung' },
      ]),
    ).toBe('Tool,Amount\r\nsearch_orders,0.50\r\n"a ""b"", c",-3\r\n"two\nlines",\r\nÜberweisung,\r\n');
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '  =1',
    '\r=1',
    '\n=1',
    '＝1',
    '|cmd',
    '%0A=1',
    '\u00a0=1',
    '\ufeff=1',
  ])('never lets %j begin a text cell', (tool) => {
    expect(readCsv(toCsv(columns, [{ tool }]))[1]?.[0]).toBe(`'${tool}`);
  });

  it('leaves a negative amount a number, and refuses what only looks like one', () => {
    expect(toCsv(columns, [{ tool: 'refund', amount: '-12.50' }])).toContain('refund,-12.50\r\n');
    for (const amount of ['1e5', '=1', '1,5', '', '+1', ' 1'])
      expect(() => toCsv(columns, [{ tool: 'x', amount }])).toThrow('Column Amount');
  });

  it('reads back as what was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (tools) => {
        const [header, ...rows] = readCsv(
          toCsv(
            columns,
            tools.map((tool) => ({ tool, amount: '1' })),
          ),
        );
        expect(header).toEqual(['Tool', 'Amount']);
        expect(rows.length).toBe(tools.length);
        rows.forEach(([cell], index) => expect([tools[index], `'${tools[index] ?? ''}`]).toContain(cell));
      }),
    );
  });

  it('comes with a digest that sha256sum -c reads', () => {
    const file = toExportFile({ name: 'acme-2026-11.csv', mediaType: 'text/csv', text: 'Tool\r\nÜ\r\n' });
    expect(sidecarOf(file)).toBe(
      `${createHash('sha256').update(Buffer.from('Tool\r\nÜ\r\n', 'utf8')).digest('hex')}  acme-2026-11.csv\n`,
    );
  });
});
