import type { JsonObject, JsonValue } from '../../json/json-value.ts';
import { readSnapshot } from '../read-snapshot.ts';
import { describeIssue } from '../snapshot-issue.ts';
import type { Snapshot } from '../snapshot.ts';

/** The snapshot of a document in which only what a test is about is written. */
export const snapshotOf = (document: Readonly<Record<string, JsonValue>>): Snapshot => {
  const read = readSnapshot({ version: 1, revision: 'test', ...document });
  if (!read.ok) throw new Error(read.error.map(describeIssue).join('\n'));
  return read.value;
};

/** Uses every field of the schema. */
export const fullDocument: JsonObject = {
  version: 1,
  revision: '2026-11-24.1',
  tenants: [{ id: 'acme', time_zone: 'Europe/Rome' }, { id: 'globex' }],
  applications: [
    {
      id: 'helpdesk',
      tenant: 'acme',
      match: {
        consumers: ['acme-support'],
        custom_ids: ['crm-*'],
        tags: ['team:desk'],
        groups: ['gold'],
        tenants: ['acme'],
        applications: ['desk'],
        anonymous: false,
      },
    },
    { id: 'by-tag' },
  ],
  servers: [
    {
      id: 'orders',
      pins: 'approve_new',
      tools: [
        { name: 'search_orders' },
        { name: 'create_invoice', weight: 5, input_schema: { type: 'object' }, pin: 'ab'.repeat(32) },
      ],
    },
    { id: 'billing' },
  ],
  plans: [
    {
      id: 'gold',
      tools: ['search_*', 'create_invoice'],
      limits: [{ id: 'gold-month', window: 'month', limit: 10_000 }],
    },
  ],
  subscriptions: [
    { application: 'helpdesk', server: 'orders', plan: 'gold', tools: ['search_*'], state: 'active' },
    { application: 'by-tag', server: 'orders', plan: 'gold', state: 'suspended' },
  ],
  rules: [
    {
      id: 'small-invoices',
      effect: 'allow',
      servers: ['orders'],
      callers: { tenants: ['acme'], custom_ids: ['crm-7'] },
      tools: ['create_invoice'],
      prompts: ['invoice'],
      resources: ['docs://*'],
      when: [
        { argument: '/amount', at_least: 1, at_most: 1000 },
        { argument: '/currency', in: ['EUR', 'USD'] },
        { argument: '/note', exists: false },
        { time: { zone: 'Europe/Rome', days: ['mon', 'fri'], from: '09:00', to: '18:00' } },
        { methods: ['tools/call'] },
      ],
      phases: ['call'],
      shadow: true,
      message: 'Only small invoices.',
    },
    { id: 'no-deletes', effect: 'deny', tools: ['delete_*'] },
  ],
  limits: [
    {
      id: 'per-app',
      kind: 'rate',
      window: 'minute',
      limit: 60,
      per: ['application', 'tool'],
      servers: ['*'],
      callers: { groups: ['gold'] },
      tools: ['search_*'],
      give_back: ['server_error'],
      when_store_down: 'allow',
      shadow: true,
    },
    { id: 'streams', kind: 'concurrent', limit: 5, per: [] },
  ],
  redaction: { keys: ['iban'], paths: ['$.customer.iban'] },
};
