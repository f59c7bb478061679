import type {
  AuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { Knex } from 'knex';
import { BillingClient } from './billing/BillingClient';
import { ApplicationStore } from './database/ApplicationStore';
import { KeyStore } from './database/KeyStore';
import { PlanStore } from './database/PlanStore';
import { SecondFactorStore } from './database/SecondFactorStore';
import { SubscriptionStore } from './database/SubscriptionStore';
import { ManagementClient } from './gateway/ManagementClient';
import { createGatewayCallers } from './keys/createGatewayCallers';
import { KeyService } from './keys/KeyService';
import { createKongWriter } from './kong/createKongWriter';
import { KongAdminClient } from './kong/KongAdminClient';
import { Announcer } from './notifications/Announcer';
import { Access } from './permissions/Access';
import { PolicyService } from './policy/PolicyService';
import { readBase } from './policy/readBase';
import type { ToolCatalogConfig } from './readConfig';
import { SecondFactorService } from './secondFactor/SecondFactorService';
import { SecretBox } from './secondFactor/SecretBox';
import type { Services } from './services';
import { Teams } from './teams/Teams';
import { createGatewayRules } from './tools/gatewayRules';
import { ToolDirectory } from './tools/ToolDirectory';
import { TryKeys } from './tryIt/TryKeys';

export interface ServiceOptions {
  readonly auth: AuthService;
  readonly catalog: CatalogService;
  readonly knex: Knex;
  readonly logger: LoggerService;
  readonly notifications: NotificationService;
  readonly permissions: PermissionsService;
  readonly registry: PermissionsRegistryService;
  readonly settings: ToolCatalogConfig;
  readonly signals: SignalsService;
  readonly now: () => number;
}

/** Wires everything once, at start. */
export const createServices = (options: ServiceOptions): Services => {
  const { auth, catalog, knex, logger, notifications, permissions, registry, settings, signals, now } = options;
  const box = new SecretBox(settings.encryptionKeys);
  const kong = createKongWriter(settings);
  const management = new ManagementClient({
    urls: settings.gateway.managementUrls,
    token: settings.gateway.managementToken,
  });
  const stores = {
    applications: new ApplicationStore(knex),
    keyStore: new KeyStore(knex),
    plans: new PlanStore(knex),
    subscriptions: new SubscriptionStore(knex),
  };
  const admin = new KongAdminClient({
    url: settings.kong.adminUrls[0] ?? '',
    ...(settings.kong.adminToken === undefined ? {} : { token: settings.kong.adminToken }),
  });
  const base = () => readBase(settings.policy.baseFile);
  return {
    ...stores,
    access: new Access({ permissions, registry, roles: settings.roles }),
    announcer: new Announcer({ notifications, signals, logger }),
    billing: new BillingClient(settings.billing),
    callerOf: createGatewayCallers(admin),
    directory: new ToolDirectory({ catalog, auth, management, logger, now }),
    keys: new KeyService({
      ...{ store: stores.keyStore, kong, now },
      onSyncFailure: (message) => logger.error(`A key did not reach Kong: ${message}`),
    }),
    kong,
    logger,
    management,
    now,
    policy: new PolicyService({ ...stores, base, secret: settings.policy.hmacSecret, token: settings.policy.token }),
    rules: createGatewayRules({
      ...{ admin, base, now },
      onProblem: (message) => logger.warn(message),
    }),
    secondFactor: new SecondFactorService({ store: new SecondFactorStore(knex), box, now }),
    teams: new Teams({ catalog, auth }),
    tryKeys: new TryKeys({ applications: stores.applications, kong, box }),
  };
};
