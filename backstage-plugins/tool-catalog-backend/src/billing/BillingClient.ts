import { ServiceUnavailableError } from '@backstage/errors';

export interface BillingOptions {
  readonly url?: string;
  /** Sees everything, so it never leaves the backend. */
  readonly token?: string;
}

/** Billing's amounts (docs/billing.md). */
export interface Money {
  /** Smallest units of the currency, as text. */
  readonly minor: string;
  readonly currency: string;
  /** Units that people use. */
  readonly text: string;
}

/** Usage of a group; the members that were grouped by are there. */
export interface UsageItem {
  readonly tenant?: string;
  readonly application?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly outcome?: string;
  readonly day?: string;
  /** By allocation rules; empty where none names one. */
  readonly team?: string;
  readonly costCenter?: string;
  readonly quantity: number;
  /** Beside a team or cost centre: calls times basis points of its share, not rounded to whole calls. */
  readonly allocationWeight?: number;
}

export interface AccrualItem {
  readonly tenant: string;
  readonly currency: string;
  readonly total: Money;
  readonly forecast?: Money;
  readonly tools: readonly {
    readonly server: string;
    readonly tool: string;
    readonly quantity: number;
    readonly amount: Money;
    readonly forecast?: { readonly amount: Money };
  }[];
  readonly unpriced: readonly { readonly server: string; readonly tool: string; readonly quantity: number }[];
}

export interface PriceInForce {
  readonly tool: string;
  readonly price?: {
    readonly currency: string;
    readonly text: string;
    readonly freeUnits?: number;
    readonly price: { readonly model: 'flat' | 'package' | 'graduated' | 'volume' };
  };
}

/** A record of one governed call, without its arguments. */
export interface RecordItem {
  readonly id: string;
  readonly occurredAt: string;
  readonly tenant: string;
  readonly application: string;
  readonly user?: string;
  readonly server: string;
  readonly tool?: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason?: string;
  readonly rule?: string;
  readonly status: number;
  readonly latencyMs: number;
  readonly argumentsSha256?: string;
}

export interface RecordFilter {
  readonly from: string;
  readonly to: string;
  readonly tenant?: string;
  readonly application?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly decision?: 'allow' | 'deny';
  readonly traceId?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

export interface StatementItem {
  readonly id: string;
  readonly tenant: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly state: string;
  readonly subtotal: Money;
  readonly stripeInvoiceId?: string;
  readonly lines?: readonly {
    readonly lineNo: number;
    readonly description: string;
    readonly server?: string;
    readonly tool?: string;
    readonly quantity: number;
    readonly unitAmount?: string;
    readonly amount: Money;
  }[];
}

/** One call with what it cost, and its whole record (arguments redacted at the gateway). */
export interface InvocationItem {
  readonly id: string;
  readonly tenant: string;
  readonly server: string;
  readonly cost: { readonly text: string };
  readonly record?: { readonly detail?: string; readonly arguments?: unknown };
}

const TIMEOUT_MS = 10_000;

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Items<Item> {
  readonly items: readonly Item[];
}

/**
 * Billing's HTTP API, asked with a token that sees everything. Whoever calls this filters what comes back before a person
 * sees it.
 */
export class BillingClient {
  constructor(private readonly options: BillingOptions) {}

  get isConfigured(): boolean {
    return this.options.url !== undefined;
  }

  usage(query: {
    readonly from: string;
    readonly to: string;
    readonly groupBy: readonly string[];
    readonly tenant?: string;
  }): Promise<readonly UsageItem[]> {
    const { groupBy, ...rest } = query;
    return this.list('/v1/usage', { ...rest, group_by: groupBy });
  }

  accrual(month: string, tenant?: string): Promise<readonly AccrualItem[]> {
    return this.list('/v1/accrual', { month, tenant });
  }

  prices(query: {
    readonly tenant: string;
    readonly server: string;
    readonly tools: readonly string[];
  }): Promise<readonly PriceInForce[]> {
    const { tenant, server, tools } = query;
    return tools.length === 0
      ? Promise.resolve([])
      : this.list('/v1/prices/in-force', { tenant, server, tool: tools.slice(0, MAX_TOOLS) });
  }

  async records(filter: RecordFilter): Promise<Items<RecordItem> & { readonly nextCursor?: string }> {
    const { traceId, ...rest } = filter;
    return (await this.ask('/v1/audit', { ...rest, trace_id: traceId })) as Items<RecordItem>;
  }

  async invocation(id: string): Promise<InvocationItem> {
    return (await this.ask(`/v1/invocations/${encodeURIComponent(id)}`, {})) as InvocationItem;
  }

  statements(tenant?: string): Promise<readonly StatementItem[]> {
    return this.list('/v1/statements', { tenant });
  }

  async statement(id: string): Promise<StatementItem> {
    return (await this.ask(`/v1/statements/${encodeURIComponent(id)}`, {})) as StatementItem;
  }

  private async list<Item>(path: string, query: Query): Promise<readonly Item[]> {
    return ((await this.ask(path, query)) as Items<Item>).items;
  }

  private async ask(path: string, query: Query): Promise<unknown> {
    const { url, token } = this.options;
    if (url === undefined)
      throw new ServiceUnavailableError(
        'There is no billing service: set toolCatalog.billing.url to see usage and cost.',
      );
    const answer = await this.send(`${url.replace(/\/$/, '')}${path}${toSearch(query)}`, token);
    const content = (await answer.json().catch(() => undefined)) as { readonly detail?: string } | undefined;
    if (answer.ok) return content;
    throw new ServiceUnavailableError(`Billing answered ${answer.status}: ${content?.detail ?? 'without a reason'}`);
  }

  private async send(address: string, token: string | undefined): Promise<Response> {
    try {
      return await fetch(address, {
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new ServiceUnavailableError('The billing service does not answer. Try again in a moment.');
    }
  }
}

/** Billing answers about so many at once. */
const MAX_TOOLS = 500;

const toSearch = (query: Query): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => [name, String(each)]),
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
};
