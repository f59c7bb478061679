import type { Database } from '../database/open-database.ts';
import type { FocusParties } from '../exports/focus.ts';
import type { Access } from './access.ts';
import type { BillingMetrics } from './metrics.ts';
import type { IngestDeps } from './routes/ingest.ts';
import type { WebhookDeps } from './routes/webhooks.ts';
import type { ProviderContext } from '../stripe/provider-context.ts';
import type { FindAccess } from './token-store.ts';

export interface ApiEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [field: string]: string | number | undefined;
}

/** What every route may use. */
export interface ApiContext {
  readonly database: Database;
  readonly findAccess: FindAccess;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (event: ApiEvent) => void;
  /** Who sells, on statements and in exports. */
  readonly parties: FocusParties;
  /** Where gateways get their policy from here: the operator's document, to which used-up budgets are added. */
  readonly policy?: PolicyOptions;
  readonly metrics?: BillingMetrics;
  /** Takes what gateway nodes ship; undefined where this process only answers questions. */
  readonly ingest?: Pick<IngestDeps, 'ingest' | 'findNode'>;
  /** Undefined in mode off. */
  readonly stripe?: { readonly context: ProviderContext; readonly webhooks: WebhookDeps };
}

export interface PolicyOptions {
  /** The operator's document; undefined: there is none, and budgets are all. Rejects when it cannot be read. */
  readonly readBase: () => Promise<string | undefined>;
  /** Signs the bytes in `x-policy-signature`, which a gateway that knows the secret insists on. */
  readonly hmacSecret?: string;
}

export interface ApiEnv {
  readonly Variables: {
    api: ApiContext;
    /** Of the token; only behind `governed`. */
    access: Access;
    requestId: string;
  };
}
