/** The token of the management API in benchmarks. */
export const MANAGEMENT_TOKEN = 'test-token-for-the-benchmark-0123456789';

/** 1,000 rules over 500 callers, argument conditions, three limits, pins, metrics, records with redaction. */
export const everythingOn = (managementPort: number): object => ({
  management: { port: managementPort, token: MANAGEMENT_TOKEN },
  server: { name: 'orders', kind: 'mcp' },
  policy: {
    // A text: Kong looks into every value of a plugin's configuration for vault references, in each request.
    inline: JSON.stringify({
      version: 1,
      tenants: [{ id: 'acme', time_zone: 'Europe/Rome' }],
      servers: [{ id: 'orders', pins: 'quarantine_changed' }],
      rules: [
        { id: 'large', effect: 'deny', tools: ['search_orders'], when: [{ argument: '/limit', greater: 100 }] },
        ...Array.from({ length: 1_000 }, (_, index) => ({
          id: `r${index}`,
          effect: 'allow',
          callers: { consumers: [`app-${index % 500}`] },
          tools: [`tool_${index}`, 'search_orders'],
        })),
      ],
      limits: [
        { id: 'monthly', window: 'month', limit: 1_000_000_000, per: ['tenant', 'application'] },
        { id: 'burst', window: 'second', limit: 1_000_000, per: ['tenant'] },
        { id: 'loops', kind: 'repeat', window: 'minute', limit: 1_000_000, per: ['application'] },
      ],
    }),
  },
});

/** The call that every load makes: some 300 bytes, as in the measurements on a real Kong. */
export const message = {
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'search_orders', arguments: { query: 'lamp', note: 'x'.repeat(150), limit: 10 } },
};
