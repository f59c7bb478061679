import type { HttpAuthService, UserInfoService } from '@backstage/backend-plugin-api';
import express, { type Router } from 'express';
import createPromiseRouter from 'express-promise-router';

export interface RouterOptions {
  readonly httpAuth: HttpAuthService;
  readonly userInfo: UserInfoService;
}

/** The HTTP API of the tool catalog. Who asks is always what the token says, never what a body says. */
export const createRouter = ({ httpAuth, userInfo }: RouterOptions): Router => {
  const router = createPromiseRouter();
  router.use(express.json());
  router.get('/me', async (request, response) => {
    const credentials = await httpAuth.credentials(request, { allow: ['user'] });
    const { userEntityRef, ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
    response.json({ userEntityRef, ownershipEntityRefs });
  });
  return router;
};
