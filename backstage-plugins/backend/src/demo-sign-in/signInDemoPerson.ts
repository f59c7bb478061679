import type { SignInResolver } from '@backstage/plugin-auth-node';
import type { DemoResult } from './createDemoAuthenticator';

/** The user must be in the catalog: its groups are what permissions and tenants are decided by. */
export const signInDemoPerson: SignInResolver<DemoResult> = ({ result }, context) =>
  context.signInWithCatalogUser({ entityRef: { name: result.name } });
