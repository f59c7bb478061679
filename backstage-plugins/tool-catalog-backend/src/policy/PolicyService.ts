import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApplicationStore } from '../database/ApplicationStore';
import type { PlanStore } from '../database/PlanStore';
import type { SubscriptionStore } from '../database/SubscriptionStore';
import { buildPolicyDocument } from './buildPolicyDocument';
import type { PolicyDocument } from './policyDocument';
import { signPolicy, type SignedPolicy } from './signPolicy';

export interface PolicyServiceOptions {
  readonly applications: ApplicationStore;
  readonly plans: PlanStore;
  readonly subscriptions: SubscriptionStore;
  /** What operators keep by hand. */
  readonly base: () => Promise<PolicyDocument>;
  /** Shared with the gateways (`policy.hmac_secret`). */
  readonly secret: string;
  /** What a gateway shows to be given the policy. */
  readonly token: string;
}

/** The signed policy as of now. */
export class PolicyService {
  constructor(private readonly options: PolicyServiceOptions) {}

  async document(): Promise<PolicyDocument> {
    const { applications, plans, subscriptions, base } = this.options;
    return buildPolicyDocument({
      base: await base(),
      applications: await applications.all(),
      plans: (await plans.all())
        .filter(({ status }) => status !== 'archived')
        .map(({ id, tools, limits }) => ({ id, tools, ...(limits.length === 0 ? {} : { limits }) })),
      subscriptions: await subscriptions.all(),
    });
  }

  /** Compared as digests: the time that it takes says nothing. */
  isGateway(authorization: string | undefined): boolean {
    const [given, wanted] = [authorization ?? '', `Bearer ${this.options.token}`].map((text) =>
      createHash('sha256').update(text).digest(),
    );
    return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
  }

  async signed(): Promise<SignedPolicy> {
    return signPolicy(await this.document(), this.options.secret);
  }
}
