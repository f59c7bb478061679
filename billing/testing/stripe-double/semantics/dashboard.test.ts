import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { escapeHtml, formatAmount, formatUnitPrice } from '../control/html.ts';
import { decimal, idOf, onDouble } from './targets.ts';

onDouble('The dashboard', {}, (own) => {
  const get = async (at: string) => {
    const answer = await fetch(own().double.url + at);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };

  it('lists invoices and shows one with a row a line, as text and never as markup', async () => {
    const { stripe } = own();
    const customer = await stripe.customers.create({ name: 'Acme <script>alert(1)</script>' });
    const product = await stripe.products.create({ name: 'search' });
    const invoice = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      description: 'November 2026',
    });
    await stripe.invoices.addLines(idOf(invoice), {
      lines: [
        {
          description: 'search',
          price_data: { currency: 'eur', product: product.id, unit_amount_decimal: decimal('2.5') },
          quantity_decimal: decimal('1001'),
          metadata: { statement_line: '1' },
        },
      ],
    });
    const list = await get('/dashboard');
    expect(list.text).toContain(`href="/dashboard/invoices/${idOf(invoice)}"`);
    expect(list.text).toContain('25.03 EUR');
    expect(list.text).toContain('This is not Stripe');
    const one = await get(`/dashboard/invoices/${idOf(invoice)}`);
    for (const text of ['November 2026', '1001', '0.025 EUR', '25.03 EUR', 'statement_line: 1', 'draft']) {
      expect(one.text).toContain(text);
    }
    expect(list.text + one.text).not.toContain('<script>');
    expect(one.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('says so when there is no such invoice', async () => {
    expect((await get('/dashboard/invoices/in_missing')).status).toBe(404);
  });
});

describe('Amounts on a page', () => {
  it.each([
    [1234, 'eur', '12.34 EUR'],
    [-5, 'usd', '-0.05 USD'],
    [123_456_789, 'usd', '1,234,567.89 USD'],
    [1500, 'jpy', '1,500 JPY'],
    [1500, 'kwd', '1.500 KWD'],
  ])('%i in %s is %s', (minor, currency, text) => {
    expect(formatAmount(minor, currency)).toBe(text);
  });

  it.each([
    ['0.25', 'eur', '0.0025 EUR'],
    ['150', 'eur', '1.50 EUR'],
    ['0.000000000001', 'usd', '0.00000000000001 USD'],
    ['2.5', 'jpy', '2.5 JPY'],
    ['-7', 'eur', '-0.07 EUR'],
  ])('%s minor units of %s are a unit price of %s', (minor, currency, text) => {
    expect(formatUnitPrice(minor, currency)).toBe(text);
  });

  it('escape what could be markup', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  });
});

describe('The command line of the double', () => {
  const run = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../run.mjs');
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [run, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString('utf8')));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, output, ended };
  };

  it('says that it is not Stripe and where it is, answers, and ends on SIGTERM', async () => {
    const { child, output, ended } = start('--port', '0', '--frozen', '--start', '2026-11-01T00:00:00Z');
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', () => {
        const found = /not Stripe.*(http:\/\/127\.0\.0\.1:\d+)/.exec(output.out)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => reject(new Error(output.err)));
    });
    const clock = (await (await fetch(`${url}/_double/clock`)).json()) as { iso: string };
    expect(clock.iso).toBe('2026-11-01T00:00:00.000Z');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('refuses a port, a time or a receiver that it cannot use, with exit code 2', async () => {
    for (const [args, message] of [
      [['--port', 'x'], '--port x'],
      [['--start', 'soon'], '--start soon'],
      [['--port', '0', '--webhook', 'https://example.com/'], 'loopback only'],
    ] as const) {
      const { output, ended } = start(...args);
      expect(await ended).toBe(2);
      expect(output.err).toContain(message);
    }
  });
});
