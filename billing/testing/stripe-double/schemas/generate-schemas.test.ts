import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readParameters, type SchemaName } from '../http/request-shapes.ts';
import { parseForm } from '../http/form-parameters.ts';
import { generateSchemas, printSchemas } from './generate-schemas.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const sdk = path.resolve(path.dirname(createRequire(import.meta.url).resolve('stripe')), '..');

describe('Request schemas', () => {
  it('are those that the installed SDK generates: run schemas/generate.mjs after an upgrade', () => {
    const generated = printSchemas(generateSchemas({ sdk, types: path.join(here, 'parameter-types.ts') }));
    expect(generated === readFileSync(path.join(here, 'requests.json'), 'utf8')).toBe(true);
  });

  const refusal = (name: SchemaName, form: string): unknown => {
    try {
      readParameters(name, parseForm(form), 'form');
      return undefined;
    } catch (error) {
      const { message, param, code } = (error as { body: { message: string; param?: string; code?: string } }).body;
      return { message, param, code };
    }
  };

  it.each<[string, SchemaName, string, object]>([
    [
      'an unknown parameter',
      'MeterCreate',
      'display_name=a&event_name=b&default_aggregation[formula]=sum&windw=day',
      { message: 'Received unknown parameter: windw', param: 'windw', code: 'parameter_unknown' },
    ],
    [
      'a nested unknown parameter',
      'InvoiceAddLines',
      'lines[0][price_data][currency]=eur&lines[0][price_data][amount]=1',
      {
        message: 'Received unknown parameter: lines[0][price_data][amount]',
        param: 'lines[0][price_data][amount]',
        code: 'parameter_unknown',
      },
    ],
    [
      'a missing parameter',
      'MeterEventCreate',
      'payload[value]=1',
      { message: 'Missing required param: event_name.', param: 'event_name', code: 'parameter_missing' },
    ],
    [
      'a word where a number belongs',
      'MeterEventCreate',
      'event_name=a&payload[value]=1&timestamp=soon',
      { message: 'Invalid integer: soon', param: 'timestamp', code: 'parameter_invalid_integer' },
    ],
    [
      'a fraction of a minor unit',
      'InvoiceItemCreate',
      'customer=cus_1&amount=1.5',
      { message: 'Invalid integer: 1.5', param: 'amount', code: 'parameter_invalid_integer' },
    ],
    [
      'a value outside an enumeration',
      'MeterCreate',
      'display_name=a&event_name=b&default_aggregation[formula]=max',
      {
        message: 'Invalid default_aggregation[formula]: must be one of count, last, or sum',
        param: 'default_aggregation[formula]',
      },
    ],
    [
      'thirteen decimals',
      'PriceCreate',
      'currency=eur&unit_amount_decimal=0.0000000000001',
      {
        message: 'Invalid decimal: 0.0000000000001; must contain at maximum twelve decimal places.',
        param: 'unit_amount_decimal',
        code: 'parameter_invalid_decimal',
      },
    ],
    [
      'an empty name',
      'MeterEventCreate',
      'event_name=&payload[value]=1',
      { param: 'event_name', code: 'parameter_invalid_empty' },
    ],
  ])('refuse %s as Stripe does', (_case, name, form, expected) => {
    expect(refusal(name, form)).toMatchObject(expected);
  });

  it('read numbers, booleans and lists out of a form', () => {
    const form =
      'lines[0][quantity_decimal]=1.5&lines[0][metadata][0]=7&lines[1][amount]=-250&lines[1][discountable]=false';
    expect(readParameters('InvoiceAddLines', parseForm(form), 'form')).toEqual({
      lines: [
        { quantity_decimal: '1.5', metadata: { 0: '7' } },
        { amount: -250, discountable: false },
      ],
    });
  });

  it('take an empty string as unsetting only where the SDK says so', () => {
    expect(readParameters('CustomerUpdate', parseForm('metadata='), 'form')).toEqual({ metadata: null });
    expect(refusal('CustomerCreate', 'name=')).toMatchObject({ code: 'parameter_invalid_empty' });
  });
});
