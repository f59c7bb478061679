import { entityName, entityTags } from './entityName';

describe('names of entities', () => {
  it.each(['orders-mcp', 'a.b_c', 'A1'])('are those of Kong where Backstage takes them: %s', (name) => {
    expect(entityName(name)).toBe(name);
  });

  it.each(['orders~mcp', 'Bestellungen für alle', '-a', 'a..b', '~', 'x'.repeat(64)])(
    'are made acceptable and stay different from each other: %s',
    (name) => {
      expect(entityName(name)).toMatch(/^[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$/);
      expect(entityName(name).length).toBeLessThanOrEqual(63);
      expect(entityName(name)).not.toBe(entityName(`${name}~`));
    },
  );

  it('spell tags as Backstage does, each once', () => {
    expect(entityTags(['mcp', 'MCP', 'team-orders', 'cost_centre=42', '~', 'tenant:acme'])).toEqual([
      'mcp',
      'team-orders',
      'cost-centre-42',
      'tenant:acme',
    ]);
  });
});
