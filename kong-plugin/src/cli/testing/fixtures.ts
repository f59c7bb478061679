import type { InvocationRecord } from '../../domain/records/invocation-record.ts';

/** Two MCP servers; `shop` has pattern rules, a tenant without consumers is named nowhere. */
export const kongFile = `_format_version: '3.0'
services:
  - name: shop-mcp
    url: http://127.0.0.1:9101/mcp
    routes:
      - name: shop-mcp
        paths: [/mcp/shop]
        response_buffering: false
    plugins:
      - name: key-auth
      - name: mcp-guard
      - name: mcp-governance
        config:
          server: { name: shop, kind: mcp }
          rules:
            - id: readers
              callers: { tenants: [acme, globex] }
              tools: ['search_*']
            - id: desk
              callers: { groups: [billing] }
              tools: [create_invoice]
            - id: nobody-deletes
              effect: deny
              tools: ['delete_*']
  - name: pay-api
    url: http://127.0.0.1:9102
    routes:
      - name: pay-api
        paths: [/pay]
    plugins:
      - name: key-auth
      - name: mcp-guard
      - name: mcp-governance
        config:
          server: { name: pay, kind: rest }
          rules:
            - id: payers
              callers: { consumers: [alice] }
              tools: [listPayments, createPayment]
          rest:
            operations:
              - { name: listPayments, method: GET, path: /payments }
              - { name: createPayment, method: POST, path: /payments }
              - { name: refundPayment, method: POST, path: '/payments/{id}/refund' }
consumers:
  - username: alice
    custom_id: a-1
    tags: ['tenant:acme']
    acls: [{ group: billing }]
  - username: bob
    tags: ['tenant:globex']
`;

/** Adds: tools, an argument rule, a plan, limits, a time rule. */
export const policyFile = `version: 1
revision: r7
tenants:
  - { id: acme, time_zone: Europe/Paris }
applications:
  - id: invoicing
    tenant: acme
    match: { consumers: [alice] }
servers:
  - id: shop
    tools:
      - { name: search_orders }
      - { name: create_invoice, weight: 5 }
      - { name: delete_order }
      - { name: export_all }
plans:
  - id: gold
    tools: [export_all]
    limits:
      - { id: monthly, window: month, limit: 1000 }
subscriptions:
  - { application: invoicing, server: shop, plan: gold, state: active }
rules:
  - id: no-large-invoices
    effect: deny
    servers: [shop]
    tools: [create_invoice]
    when:
      - { argument: /amount, greater: 1000 }
  - id: weekend-off
    effect: deny
    servers: [shop]
    tools: [export_all]
    when:
      - { time: { zone: Europe/Paris, days: [sat, sun] } }
limits:
  - { id: per-minute, window: minute, limit: 60, per: [application, tool] }
`;

/** The same without the sum, and with the subscription suspended. */
export const laterPolicyFile = policyFile
  .replace('revision: r7', 'revision: r8')
  .replace('state: active', 'state: suspended')
  .replace('limit: 60', 'limit: 30')
  .replace('greater: 1000', 'greater: 10');

/** A Monday. */
export const MONDAY = '2026-03-02T09:00:00Z';

export const recordOf = (record: Partial<InvocationRecord>): InvocationRecord => ({
  id: '0195515b-0000-7000-8000-000000000001',
  occurredAt: '2026-03-02T09:00:00.000Z',
  server: 'shop',
  kind: 'tool',
  method: 'tools/call',
  decision: 'allow',
  policy: 'tool-access',
  rule: 'desk',
  outcome: 'ok',
  status: 200,
  latencyMs: { total: 12 },
  requestBytes: 100,
  responseBytes: 200,
  httpMethod: 'POST',
  path: '/mcp/shop',
  kongRequestId: 'a1b2',
  consumer: 'alice',
  consumerId: '8a1f6b62-0000-4000-8000-000000000001',
  ...record,
});

export const linesOf = (...records: readonly unknown[]): string =>
  `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
