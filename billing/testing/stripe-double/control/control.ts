import type { ApiRequest } from '../http/api.ts';
import type { SideAnswer } from '../http/server.ts';
import type { Account } from '../state/account.ts';
import type { WebhookDelivery } from '../webhooks/delivery.ts';
import { showDashboard } from './dashboard.ts';
import { dumpState } from './dump-state.ts';
import { readOutage, readRule, type Faults } from './faults.ts';

export interface ControlOptions {
  readonly account: Account;
  readonly faults: Faults;
  readonly webhooks: WebhookDelivery;
  readonly advance: (seconds: number) => void;
}

type Handler = (options: ControlOptions, body: Record<string, unknown>) => object | Promise<object>;

/** `/_double/…` (and the dashboard): what a test in another process, or a person with curl, uses. JSON in, JSON out. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET /_double': () => ({ endpoints: Object.keys(handlers) }),
  'GET /_double/state': ({ account, webhooks }) => dumpState(account, webhooks),
  'GET /_double/clock': ({ account }) => clockOf(account),
  'POST /_double/clock/advance': ({ account, advance }, body) => {
    advance(Number(body['seconds']));
    return clockOf(account);
  },
  'GET /_double/faults': ({ faults }) => ({ rules: faults.list() }),
  'POST /_double/faults': ({ faults }, body) => ({ id: faults.add(readRule(body)) }),
  'DELETE /_double/faults': ({ faults }) => {
    faults.clear();
    return { rules: [] };
  },
  'POST /_double/outages': ({ faults }, body) => {
    faults.addOutage(readOutage(body));
    return body;
  },
  'POST /_double/release': ({ faults }) => {
    faults.release();
    return {};
  },
  'POST /_double/settings': ({ account }, body) => change(account.settings, body),
  'POST /_double/webhooks': ({ webhooks }, body) => {
    change(webhooks.faults, body);
    webhooks.wake();
    return webhooks.faults;
  },
  'POST /_double/webhooks/flush': async ({ webhooks }) => {
    await webhooks.flush();
    return { waiting: webhooks.deliveries.filter((each) => each.state === 'waiting').length };
  },
  'POST /_double/webhooks/resend': async ({ webhooks }, body) => ({
    sent: await webhooks.resend(String(body['event'])),
  }),
};

export function createControl(options: ControlOptions): (request: ApiRequest) => Promise<SideAnswer | undefined> {
  return async (request) => {
    if (request.path.startsWith('/v1/') || request.path.startsWith('/v2/')) return undefined;
    // A page in a browser must not reach this by a name that it made resolve to loopback.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers['host'] ?? ''))
      return json(403, { error: 'Use 127.0.0.1.' });
    const shown = request.method === 'GET' ? showDashboard(options.account, request.path) : undefined;
    if (shown) return shown;
    if (!request.path.startsWith('/_double')) return undefined;
    const handler = handlers[`${request.method} ${request.path.replace(/\/$/, '')}`];
    if (!handler) return json(404, { error: 'Unknown control endpoint.', endpoints: Object.keys(handlers) });
    try {
      const body = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>);
      return json(200, await handler(options, body));
    } catch (error) {
      return json(400, { error: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** Sets what is known, in the type it has: a misspelt knob would make a test that proves nothing. */
function change<Target extends object>(target: Target, body: Record<string, unknown>): Target {
  const known = target as Record<string, unknown>;
  for (const [key, value] of Object.entries(body)) {
    const listOrChance = key === 'drop' && (Array.isArray(value) || typeof value === 'number');
    if (!(key in known)) throw new Error(`unknown: ${key}; there are ${Object.keys(known).join(', ')}`);
    if (!listOrChance && typeof value !== typeof known[key]) throw new Error(`${key} must be a ${typeof known[key]}`);
  }
  return Object.assign(target, body);
}

const clockOf = (account: Account): object => ({
  now: account.clock.now(),
  iso: new Date(account.clock.now() * 1000).toISOString(),
});

const json = (status: number, body: object): SideAnswer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(body, null, 2)}\n`,
});
