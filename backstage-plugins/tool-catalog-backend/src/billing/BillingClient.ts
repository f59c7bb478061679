import { ServiceUnavailableError } from '@backstage/errors';
import type { Price } from '@mcp-governance/backstage-plugin-tool-catalog-common';

export interface BillingOptions {
  readonly url?: string;
  /** Never leaves the backend. */
  readonly token?: string;
  readonly now: () => number;
}

/** A call in the ledger, with what it cost. */
export interface RecordedCall {
  readonly id: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason?: string;
  readonly rule?: string;
  readonly detail?: string;
  readonly cost: string;
}

const TIMEOUT_MS = 10_000;

/** Billing's HTTP API (docs/billing.md). What it answers is filtered by whoever asks it, before a person sees it. */
export class BillingClient {
  constructor(private readonly options: BillingOptions) {}

  get isConfigured(): boolean {
    return this.options.url !== undefined;
  }

  async pricesOf(_server: string): Promise<ReadonlyMap<string, Price>> {
    return new Map();
  }

  async callOfTrace(_wanted: { readonly traceId: string; readonly tenant: string }): Promise<RecordedCall | undefined> {
    await this.get('/v1/audit', {});
    return undefined;
  }

  private async get(path: string, query: Readonly<Record<string, string | undefined>>): Promise<unknown> {
    const { url, token } = this.options;
    if (url === undefined)
      throw new ServiceUnavailableError(
        'There is no billing service: set toolCatalog.billing.url to see usage and cost.',
      );
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    const response = await fetch(`${url.replace(/\/$/, '')}${path}?${new URLSearchParams(given).toString()}`, {
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return response.json();
  }
}
