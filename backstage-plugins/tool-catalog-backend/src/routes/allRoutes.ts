import type { Services } from '../services';
import { applicationRoutes } from './applicationRoutes';
import { auditRoutes } from './auditRoutes';
import { keyRoutes } from './keyRoutes';
import { limitRoutes } from './limitRoutes';
import { pinRoutes } from './pinRoutes';
import { planRoutes } from './planRoutes';
import { policyRoutes } from './policyRoutes';
import type { Route } from './route';
import { secondFactorRoutes } from './secondFactorRoutes';
import { subscriptionRoutes } from './subscriptionRoutes';
import { syncRoutes } from './syncRoutes';
import { toolRoutes } from './toolRoutes';
import { tryRoutes } from './tryRoutes';
import { usageRoutes } from './usageRoutes';
import { viewerRoutes } from './viewerRoutes';

/** The whole API. */
export const allRoutes = (services: Services): readonly Route[] => [
  ...viewerRoutes(services),
  ...toolRoutes(services),
  ...planRoutes(services),
  ...applicationRoutes(services),
  ...subscriptionRoutes(services),
  ...keyRoutes(services),
  ...secondFactorRoutes(services),
  ...tryRoutes(services),
  ...usageRoutes(services),
  ...limitRoutes(services),
  ...auditRoutes(services),
  ...pinRoutes(services),
  ...policyRoutes(services),
  ...syncRoutes(services),
];
