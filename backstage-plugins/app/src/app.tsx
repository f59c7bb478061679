import { createApp } from '@backstage/frontend-defaults';
import { navigationModule } from './navigation/navigationModule';
import { demoSignInModule } from './sign-in/demoSignInModule';

/** Plugins that are dependencies of this package are found by themselves (`app.packages` in app-config.yaml). */
export const app = createApp({ features: [navigationModule, demoSignInModule] });
