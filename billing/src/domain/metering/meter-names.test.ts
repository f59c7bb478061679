import { describe, expect, it } from 'vitest';
import { MAX_NAME_LENGTH, meterEventIdentifier, meterEventName } from './meter-names.ts';

const series = { environment: 'test', tenant: 'acme', server: 'weather', tool: 'get_forecast' };
const attempt = { day: '2026-11-25', revision: 3, value: 12n };

describe('names of meters and their events', () => {
  it('name the series, the day, the revision and the total', () => {
    expect(meterEventIdentifier(series, attempt)).toBe('test:acme:weather:get_forecast:2026-11-25:r3:12');
    expect(meterEventName('weather', 'get_forecast')).toBe('mcp.weather.get_forecast');
  });

  it('differ whenever any part differs, also where the parts hold separators', () => {
    const parts = ['a', 'a:b', 'b', 'a%3Ab', 'a.b', 'a_b', 'x'.repeat(120), `${'x'.repeat(120)}y`];
    const events = parts.flatMap((server) => parts.map((tool) => meterEventName(server, tool)));
    const identifiers = parts.flatMap((tenant) =>
      parts.flatMap((server) =>
        parts.map((tool) => meterEventIdentifier({ ...series, tenant, server, tool }, attempt)),
      ),
    );
    expect(new Set(events).size).toBe(parts.length ** 2);
    expect(new Set(identifiers).size).toBe(parts.length ** 3);
    expect([...events, ...identifiers].filter((name) => name.length > MAX_NAME_LENGTH)).toEqual([]);
  });

  it('keep to letters, digits, dots, underscores and hyphens in a meter', () => {
    expect(meterEventName('käse/api', 'GET /v1/{id}')).toMatch(/^mcp\.k_se_api\.GET__v1__id_-[0-9a-f]{32}$/);
  });
});
