import type { LoggerService } from '@backstage/backend-plugin-api';
import type { BillingClient } from './billing/BillingClient';
import type { ApplicationRecord, ApplicationStore } from './database/ApplicationStore';
import type { KeyStore } from './database/KeyStore';
import type { PlanStore } from './database/PlanStore';
import type { SubscriptionStore } from './database/SubscriptionStore';
import type { GatewayCaller, ManagementClient } from './gateway/ManagementClient';
import type { KeyService } from './keys/KeyService';
import type { KongWriter } from './kong/kongChanges';
import type { Announcer } from './notifications/Announcer';
import type { Access } from './permissions/Access';
import type { PolicyService } from './policy/PolicyService';
import type { SecondFactorService } from './secondFactor/SecondFactorService';
import type { Teams } from './teams/Teams';
import type { AccessRule } from './tools/accessInWords';
import type { ToolDirectory } from './tools/ToolDirectory';
import type { TryKeys } from './tryIt/TryKeys';

/** What routes work with. */
export interface Services {
  readonly access: Access;
  readonly announcer: Announcer;
  readonly applications: ApplicationStore;
  readonly billing: BillingClient;
  /** The application's consumer, as the gateway sees it. */
  readonly callerOf: (application: ApplicationRecord) => Promise<GatewayCaller>;
  readonly directory: ToolDirectory;
  readonly keys: KeyService;
  readonly keyStore: KeyStore;
  readonly kong: KongWriter;
  readonly logger: LoggerService;
  readonly management: ManagementClient;
  readonly now: () => number;
  readonly plans: PlanStore;
  readonly policy: PolicyService;
  /** Rules of the gateway, to be told in words. */
  readonly rules: () => Promise<readonly AccessRule[]>;
  readonly secondFactor: SecondFactorService;
  readonly subscriptions: SubscriptionStore;
  readonly teams: Teams;
  readonly tryKeys: TryKeys;
}
