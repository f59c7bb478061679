import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { SignInPageBlueprint } from '@backstage/plugin-app-react';

/** The sign-in page of the demo. An organisation's own Backstage keeps its own. */
export const demoSignInModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    SignInPageBlueprint.make({
      params: { loader: () => import('./DemoSignInPage').then(({ DemoSignInPage }) => DemoSignInPage) },
    }),
  ],
});
