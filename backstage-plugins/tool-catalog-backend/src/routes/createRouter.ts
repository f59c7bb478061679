import express, { type Request, type Response, type Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { HttpAuthService, UserInfoService } from '@backstage/backend-plugin-api';
import type { z } from 'zod';
import { KongAdminError } from '../kong/KongAdminClient';
import type { Viewer } from '../permissions/Access';
import type { Route } from './route';

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly httpAuth: HttpAuthService;
  readonly userInfo: UserInfoService;
}

/** Arguments of a tool are the largest thing that is sent here. */
const MAX_BODY = '1mb';

export const createRouter = ({ routes, httpAuth, userInfo }: RouterOptions): ExpressRouter => {
  const router = Router();
  router.use(express.json({ limit: MAX_BODY }));
  for (const each of routes)
    router[each.method](each.path, async (request: Request, response: Response) => {
      const viewer = each.isForMachines ? nobody : await viewerOf(request, { httpAuth, userInfo });
      const secondFactor = request.header('x-second-factor');
      const answer = await each
        .handle({
          viewer,
          path: request.params as Readonly<Record<string, string>>,
          query: check('query', each.query, request.query),
          body: check('body', each.body, request.body),
          ...(secondFactor === undefined ? {} : { secondFactor }),
          request,
          response,
        })
        .catch(explain);
      if (answer !== undefined) response.status(each.status ?? 200).json(answer);
    });
  return router;
};

/** What Kong refuses is no fault of the request, and its sentence holds no secret. */
const explain = (error: unknown): never => {
  throw error instanceof KongAdminError ? new ServiceUnavailableError(error.message) : error;
};

/** A route for machines judges its caller itself. */
const nobody = {
  user: '',
  claims: [],
  credentials: { $$type: '@backstage/BackstageCredentials', principal: {} },
} as unknown as Viewer;

/** Teams come from the identity system, never from the request. */
const viewerOf = async (
  request: Request,
  { httpAuth, userInfo }: Pick<RouterOptions, 'httpAuth' | 'userInfo'>,
): Promise<Viewer> => {
  const credentials = await httpAuth.credentials(request, { allow: ['user'] });
  const { userEntityRef, ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
  return { user: userEntityRef, claims: [...new Set([userEntityRef, ...ownershipEntityRefs])], credentials };
};

const check = (place: 'query' | 'body', schema: z.ZodType | undefined, value: unknown): unknown => {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(value ?? {});
  if (read.success) return read.data;
  const issues = read.error.issues.map((issue) => `${[place, ...issue.path].join('.')}: ${issue.message}`);
  throw new InputError(issues.join('; '));
};
