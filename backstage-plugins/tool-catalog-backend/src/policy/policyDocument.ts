/**
 * The part of the gateway's policy snapshot (docs/policy.schema.json) that the portal writes. What an operator keeps by hand
 * comes in as `base` and goes through unchanged.
 */
export interface PolicyDocument {
  readonly version: 1;
  readonly tenants?: readonly PolicyTenant[];
  readonly applications?: readonly PolicyApplication[];
  readonly servers?: readonly PolicyServer[];
  readonly plans?: readonly PolicyPlan[];
  readonly subscriptions?: readonly PolicySubscription[];
  readonly rules?: readonly unknown[];
  readonly limits?: readonly unknown[];
  readonly redaction?: unknown;
}

export interface PolicyTenant {
  readonly id: string;
  readonly time_zone?: string;
}

export interface PolicyApplication {
  readonly id: string;
  readonly tenant?: string;
  readonly match?: { readonly consumers?: readonly string[]; readonly tags?: readonly string[] };
}

export interface PolicyServer {
  readonly id: string;
  readonly pins?: string;
  readonly tools?: readonly { readonly name: string; readonly pin?: string }[];
}

export interface PolicyPlan {
  readonly id: string;
  readonly tools: readonly string[];
  readonly limits?: readonly unknown[];
}

export interface PolicySubscription {
  readonly application: string;
  readonly server: string;
  readonly plan: string;
  readonly tools?: readonly string[];
  readonly state: 'active' | 'suspended' | 'revoked' | 'expired';
}
