import { createHash, createHmac } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { composePolicy, currentEnforcement } from '../../budgets/enforcement.ts';
import { describeIssue } from '../../domain/issue.ts';
import type { Api } from '../create-api.ts';
import { governed } from '../governed.ts';
import { problem, problemResponses } from '../problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/policy',
  summary: "The gateway's policy document, with the limits of used-up budgets",
  description:
    'For `policy.url` of the gateway (docs/policy.md). Answers 304 to the ETag of the last answer; with a secret configured it is signed in `x-policy-signature`.',
  tags: ['budgets'],
  ...governed({ roles: ['gateway'], reach: 'operator' }),
  responses: {
    200: {
      description: 'The document.',
      content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } },
    },
    304: { description: 'Nothing has changed.' },
    ...problemResponses,
  },
});

export const registerPolicy = (app: Api): void => {
  app.openapi(route, async (context) => {
    const { api } = context.var;
    const { readBase, hmacSecret } = api.policy ?? { readBase: () => Promise.resolve(undefined) };
    // A gateway that is refused keeps the policy it has.
    const base = await readBase().catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    if (base instanceof Error)
      return problem(context, 'unavailable', `The policy document cannot be read: ${base.message}.`);
    const composed = composePolicy(base, await currentEnforcement(api.database, { now: api.now() }));
    if (!composed.ok) return problem(context, 'unavailable', describeIssue(composed.error));
    const etag = `"${createHash('sha256').update(composed.value).digest('hex').slice(0, 32)}"`;
    context.header('etag', etag);
    context.header('cache-control', 'private, no-cache');
    if (context.req.header('if-none-match') === etag) return context.body(null, 304);
    if (hmacSecret !== undefined)
      context.header(
        'x-policy-signature',
        `sha256=${createHmac('sha256', hmacSecret).update(composed.value).digest('hex')}`,
      );
    // The bytes are what was signed: not through the serialiser again.
    return context.body(composed.value, 200, { 'content-type': 'application/json' });
  });
};
