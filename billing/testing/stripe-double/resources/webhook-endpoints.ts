import Stripe from 'stripe';
import { endpoint } from '../http/endpoint.ts';
import { newestFirst, toPage } from '../http/list.ts';
import type { Account } from '../state/account.ts';
import type { WebhookEndpointRecord } from '../state/records.ts';
import { invalidRequest, noSuch } from '../state/stripe-failure.ts';
import type { Wire } from '../state/wire.ts';
import { addTarget, isLoopback } from '../webhooks/targets.ts';
import { mergeMetadata } from './metadata.ts';

export const webhookEndpointEndpoints = [
  /** The only answer that carries the signing secret. */
  endpoint('POST /v1/webhook_endpoints', 'WebhookEndpointCreate', ({ account, params }) => {
    checkUrl(params.url);
    const target = addTarget(account, { url: params.url, events: params.enabled_events });
    target.description = params.description || null;
    target.metadata = mergeMetadata({}, params.metadata);
    return { ...toWebhookEndpoint(target), secret: target.secret };
  }),

  endpoint('GET /v1/webhook_endpoints', 'WebhookEndpointList', ({ account, params }) => {
    const targets = newestFirst(account.webhookEndpoints).filter((target) => target.kind === 'snapshot');
    return toPage(targets, params, {
      kind: 'webhook endpoint',
      url: '/v1/webhook_endpoints',
      idOf: (target) => target.id,
      toItem: toWebhookEndpoint,
    });
  }),

  endpoint('GET /v1/webhook_endpoints/:id', 'Retrieve', ({ account, id }) =>
    toWebhookEndpoint(requireTarget(account, id)),
  ),

  endpoint('POST /v1/webhook_endpoints/:id', 'WebhookEndpointUpdate', ({ account, params, id }) => {
    const target = requireTarget(account, id);
    if (params.url !== undefined) {
      checkUrl(params.url);
      target.url = params.url;
    }
    if (params.enabled_events !== undefined) target.enabledEvents = [...params.enabled_events];
    if (params.disabled !== undefined) target.enabled = !params.disabled;
    if (params.description !== undefined) target.description = params.description || null;
    target.metadata = mergeMetadata(target.metadata, params.metadata);
    return toWebhookEndpoint(target);
  }),

  endpoint('DELETE /v1/webhook_endpoints/:id', 'Retrieve', ({ account, id }) => {
    requireTarget(account, id);
    account.webhookEndpoints.delete(id);
    return { id, object: 'webhook_endpoint', deleted: true } satisfies Wire<Stripe.DeletedWebhookEndpoint>;
  }),
];

function checkUrl(url: string): void {
  if (isLoopback(url)) return;
  throw invalidRequest('Invalid URL: the Stripe double sends events to loopback only.', {
    code: 'url_invalid',
    param: 'url',
  });
}

function requireTarget(account: Account, id: string): WebhookEndpointRecord {
  const target = account.webhookEndpoints.get(id);
  if (!target) throw noSuch('webhook endpoint', id);
  return target;
}

function toWebhookEndpoint(target: WebhookEndpointRecord) {
  return {
    id: target.id,
    object: 'webhook_endpoint',
    api_version: Stripe.API_VERSION,
    application: null,
    created: target.created,
    description: target.description,
    enabled_events: [...target.enabledEvents],
    livemode: false,
    metadata: { ...target.metadata },
    status: target.enabled ? 'enabled' : 'disabled',
    url: target.url,
  } satisfies Wire<Stripe.WebhookEndpoint>;
}
