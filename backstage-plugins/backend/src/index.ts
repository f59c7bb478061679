import { createBackend } from '@backstage/backend-defaults';
import { demoSignInModule } from './demo-sign-in/demoSignInModule';
import { portalPolicyModule } from './permissions/portalPolicyModule';

const backend = createBackend();

backend.add(import('@backstage/plugin-app-backend'));

backend.add(import('@backstage/plugin-auth-backend'));
backend.add(demoSignInModule);

backend.add(import('@backstage/plugin-catalog-backend'));
// Gives `kind: API` the type `mcp-server`, which has remotes instead of a definition.
backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@mcp-governance/backstage-plugin-catalog-backend-module-kong'));

backend.add(import('@backstage/plugin-permission-backend'));
backend.add(portalPolicyModule);

backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-pg'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));

backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

backend.add(import('@mcp-governance/backstage-plugin-tool-catalog-backend'));

// Backstage has logged why; without an end the process would go on with what did start.
backend.start().catch(() => process.exit(1));
