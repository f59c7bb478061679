import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { accessProblem, bearerToken, type Access, type AccessRule } from './access.ts';
import type { ApiEnv } from './api-env.ts';
import { problem } from './problem.ts';

const REALM = { 'www-authenticate': 'Bearer realm="stoa-billing"' };

export const UNAUTHORIZED = 'Send a token as "Authorization: Bearer <token>"; make one with: stoa-billing token add.';

/**
 * What a route spreads into its definition to ask for a token: the check itself, and what the OpenAPI document says about
 * it. `x-access` is what the test of every route reads, so that no route can be forgotten.
 */
export const governed = (rule: AccessRule) => ({
  security: [{ bearer: [] }],
  'x-access': rule,
  // Who may not is told so before the body is read.
  middleware: [
    createMiddleware<ApiEnv>(async (context, next) => {
      const token = bearerToken(context.req.header('authorization'));
      const access = token === undefined ? undefined : await context.var.api.findAccess(token);
      if (access === undefined) return problem(context, 'unauthorized', UNAUTHORIZED, { headers: REALM });
      const refusal = accessProblem(access, rule);
      if (refusal !== undefined) return problem(context, 'forbidden', refusal);
      context.set('access', access);
      await next();
    }),
    limitBody,
  ],
});

/** A budget or a search: nothing that people send here is larger. Nodes' batches have their own limit. */
const MAX_BODY_BYTES = 64 * 1024;

const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (context) => problem(context, 'too_large', `The body has more than ${MAX_BODY_BYTES} bytes.`),
});

/** Whose data to answer with: the tenant asked for, or the token's own. */
export type TenantChoice =
  { readonly ok: true; readonly tenant?: string } | { readonly ok: false; readonly detail: string };

export const chooseTenant = ({ tenant: own }: Access, asked: string | undefined): TenantChoice => {
  if (own === undefined) return { ok: true, ...(asked === undefined ? {} : { tenant: asked }) };
  if (asked === undefined || asked === own) return { ok: true, tenant: own };
  return { ok: false, detail: `This token is restricted to tenant ${own}; leave the tenant out or ask for that one.` };
};

/** Whether a single thing of this tenant may be shown; if not, it is answered as if it did not exist. */
export const maySee = ({ tenant: own }: Access, tenant: string): boolean => own === undefined || own === tenant;
