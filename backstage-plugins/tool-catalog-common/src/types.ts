import type { SubscriptionState } from './subscriptionState';
import type { UsageGrouping } from './usageGroupings';

/** Times are ISO 8601 in UTC; amounts are text in the currency's major unit. Money is never a JSON number. */

export interface Price {
  /** What a person reads: `EUR 0.02 per call, 100 free a month`. */
  readonly text: string;
  readonly currency: string;
  readonly model: 'flat' | 'package' | 'graduated' | 'volume';
}

export interface ToolSummary {
  /** `<server>/<tool>`. */
  readonly ref: string;
  readonly server: string;
  readonly tool: string;
  readonly kind: 'mcp' | 'rest';
  readonly title: string;
  readonly description: string;
  /** Entity ref of the API that has the tool. */
  readonly entityRef: string;
  /** Entity ref of the group that provides it. */
  readonly owner: string;
  readonly plans: readonly { readonly id: string; readonly name: string }[];
  readonly price?: Price;
  /** Subscriptions of the viewer's teams that cover the tool. */
  readonly myAccess: readonly { readonly application: string; readonly state: SubscriptionState }[];
}

export interface ToolDetail extends ToolSummary {
  /** JSON Schema of the arguments; of a REST operation `{ path, query, body }`. */
  readonly inputSchema: object;
  readonly outputSchema?: object;
  readonly annotations?: object;
  /** REST: `POST /payments`. */
  readonly operation?: { readonly method: string; readonly path: string };
  /** Arguments that fit the schema, to start from. */
  readonly example: object;
  /** Who may call it, one sentence per rule. */
  readonly accessInWords: readonly string[];
}

export interface Plan {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly description: string;
  /** Tool names; `*` stands for any run of characters. */
  readonly tools: readonly string[];
  /** Limits of the gateway's policy schema. */
  readonly limits: readonly PlanLimit[];
  readonly requiresApproval: boolean;
  /** Entity refs of groups whose subscriptions need no approval. */
  readonly autoApprovedTeams: readonly string[];
  readonly status: 'active' | 'deprecated' | 'archived';
}

export interface PlanLimit {
  readonly id: string;
  readonly window: 'second' | 'minute' | 'hour' | 'day' | 'month';
  readonly limit: number;
}

export interface Application {
  readonly id: string;
  readonly name: string;
  /** Entity ref of the group that owns it. */
  readonly team: string;
  readonly tenant: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface Subscription {
  readonly id: string;
  readonly application: string;
  readonly applicationName: string;
  readonly team: string;
  readonly server: string;
  readonly plan: string;
  /** A part of the plan's tools; all of them when left out. */
  readonly tools?: readonly string[];
  readonly state: SubscriptionState;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly reason?: string;
  readonly expiresAt?: string;
  readonly history: readonly SubscriptionEvent[];
}

export interface SubscriptionEvent {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly from?: SubscriptionState;
  readonly to: SubscriptionState;
  readonly reason?: string;
}

/** `overlap`: replaced by a new key, and still good until `expiresAt` or a cut-off. */
export type KeyState = 'active' | 'overlap' | 'expired' | 'revoked';

export interface ApiKey {
  readonly id: string;
  readonly application: string;
  readonly name: string;
  /** First characters: enough to recognise it. */
  readonly prefix: string;
  readonly state: KeyState;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string;
  /** Has the gateway got it (or lost it, once revoked)? */
  readonly sync: { readonly state: 'pending' | 'ready' | 'failed'; readonly error?: string; readonly at?: string };
}

/** The only answer that ever holds a key. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly secret: string;
}

export interface SecondFactorStatus {
  readonly isEnrolled: boolean;
  readonly recoveryCodesLeft: number;
  readonly lockedUntil?: string;
}

export interface Enrolment {
  readonly uri: string;
  readonly secret: string;
  /** An SVG image of the QR code. */
  readonly qrSvg: string;
  readonly recoveryCodes: readonly string[];
}

/** Events of a try, in the order in which they are sent. */
export type TryEvent =
  | { readonly type: 'progress'; readonly message: string; readonly progress?: number; readonly total?: number }
  | { readonly type: 'result'; readonly result: TryResult }
  | { readonly type: 'cost'; readonly cost: TryCost };

export interface TryResult {
  readonly outcome: 'ok' | 'tool_error' | 'refused' | 'failed';
  /** What came back: the tool's content, or the body of the REST answer. */
  readonly content?: unknown;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  readonly latencyMs: number;
  readonly traceId: string;
  /** Plain words: why it was refused or failed, and what to do. */
  readonly message?: string;
}

export interface TryCost {
  /** `EUR 0.02`, `free`, `not billed: refused`, `no price`. */
  readonly text: string;
  readonly invocationId?: string;
}

/** One row of usage: calls of a group, and what they cost. */
export interface UsageRow {
  /**
   * The group: a tool, an application, a team, a cost centre, a day (`YYYY-MM-DD`); as asked for. Empty where the call has
   * none.
   */
  readonly key: string;
  /** Whose cost centre: two tenants may have the same number. Absent in other groups. */
  readonly tenant?: string;
  readonly calls: number;
  readonly errors: number;
  readonly refused: number;
  /** Amount in the tenant's currency, `12.34`; absent where the viewer may not see cost or nothing is priced. */
  readonly cost?: string;
  readonly currency?: string;
}

export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly groupBy: UsageGrouping;
  readonly rows: readonly UsageRow[];
  /** One per currency. */
  readonly totals: readonly { readonly currency: string; readonly cost: string; readonly forecast?: string }[];
  readonly calls: number;
  /** Tools that were called and have no price. */
  readonly unpriced: readonly { readonly server: string; readonly tool: string; readonly calls: number }[];
}

/** The last minutes of a server or tool. */
export interface Monitor {
  readonly minutes: number;
  readonly calls: number;
  readonly errors: number;
  readonly refused: number;
  readonly latencyMs: { readonly p50?: number; readonly p95?: number; readonly p99?: number };
  /** Oldest first. */
  readonly series: readonly {
    readonly at: string;
    readonly calls: number;
    readonly errors: number;
    readonly p95?: number;
  }[];
}

/** How one limit stands for an application and a tool, in units: a call takes `cost` of them. */
export interface LimitLeft {
  readonly rule: string;
  readonly kind: 'rate' | 'concurrent' | 'repeat';
  /** Absent for `concurrent`, as is `resetsAt`: places come back one by one. */
  readonly window?: PlanLimit['window'];
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  readonly cost: number;
  readonly resetsAt?: string;
}

export interface AuditRecord {
  readonly id: string;
  readonly occurredAt: string;
  readonly tenant: string;
  readonly application: string;
  readonly user?: string;
  readonly server: string;
  readonly tool: string;
  readonly decision: 'allow' | 'deny';
  readonly outcome: string;
  readonly reason?: string;
  readonly rule?: string;
  readonly argumentsSha256?: string;
  readonly latencyMs: number;
  readonly status: number;
}

export interface StatementSummary {
  readonly id: string;
  readonly tenant: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly state: string;
  readonly subtotal: string;
  readonly currency: string;
  readonly stripeInvoiceId?: string;
}

export interface StatementDetail extends StatementSummary {
  readonly lines: readonly {
    readonly lineNo: number;
    readonly description: string;
    readonly server?: string;
    readonly tool?: string;
    readonly quantity: number;
    readonly unitAmount?: string;
    readonly amount: string;
  }[];
}

export interface ToolPin {
  readonly server: string;
  readonly tool: string;
  readonly state: 'new' | 'approved' | 'changed' | 'withdrawn';
  readonly currentHash: string;
  readonly approvedHash?: string;
  readonly warnings: readonly string[];
  readonly firstSeenAt: string;
  readonly changedAt?: string;
  readonly approvedAt?: string;
}

export interface ToolPinDetail extends ToolPin {
  readonly definition: unknown;
  readonly approvedDefinition?: unknown;
  readonly diff?: {
    readonly differences: readonly {
      readonly pointer: string;
      readonly change: string;
      /** Invisible characters written out. */
      readonly text: string;
    }[];
    readonly isCut: boolean;
  };
}

/** What the viewer may do besides what every member of a team may. */
export interface ViewerInfo {
  readonly user: string;
  readonly teams: readonly { readonly team: string; readonly tenant: string }[];
  readonly roles: readonly ('finance' | 'auditors' | 'administrators')[];
  /** Servers that the viewer's groups provide. */
  readonly provides: readonly string[];
}
