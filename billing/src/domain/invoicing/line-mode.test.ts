import { describe, expect, it } from 'vitest';
import type { PriceVersion } from '../pricing/price-version.ts';
import { chooseLineMode } from './line-mode.ts';

const price = (tool: string, more: Partial<PriceVersion> = {}): PriceVersion => ({
  id: `p-${tool}`,
  server: 'weather',
  tool,
  currency: 'eur',
  price: { model: 'flat', unitAmount: '0.01' },
  billableOutcomes: ['ok'],
  effectiveFrom: '2026-11-01',
  ...more,
});
const priced = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    server: 'weather',
    tool: `t${index}`,
    versions: [price(`t${index}`)],
  }));

describe('how a tenant is invoiced', () => {
  it('by meters up to 20 priced tools, by lines from 21', () => {
    expect(chooseLineMode({ requested: 'auto', tools: priced(20) })).toEqual({ mode: 'meters', because: [] });
    const choice = chooseLineMode({ requested: 'auto', tools: priced(21) });
    expect(choice).toEqual({
      mode: 'lines',
      because: ['21 priced tools are more than the 20 items of a subscription'],
    });
  });

  it('by lines in a period in which a price changes, also when meters are asked for', () => {
    const tools = [{ server: 'weather', tool: 't', versions: [price('t'), price('t', { id: 'p2' })] }];
    expect(chooseLineMode({ requested: 'meters', tools })).toEqual({
      mode: 'lines',
      because: ['weather/t: its price changes within the period'],
    });
  });

  it('by lines where a meter cannot have the price, with five reasons at most', () => {
    const tools = priced(8).map((tool) => ({ ...tool, versions: [price(tool.tool, { minimumMinor: 100n })] }));
    const choice = chooseLineMode({ requested: 'auto', tools });
    expect(choice.mode).toBe('lines');
    expect(choice.because).toHaveLength(6);
    expect(choice.because[0]).toBe('weather/t0: it has a minimum');
    expect(choice.because[5]).toBe('and 3 more');
  });

  it('by lines when asked for', () => {
    expect(chooseLineMode({ requested: 'lines', tools: [] }).mode).toBe('lines');
  });
});
