import type { IncomingMessage } from 'node:http';
import type { LimitsUnknown } from '../domain/limits/limits-left.ts';
import type { Management } from './handle-request.ts';
import { json, problem, type ProblemCode, type Reply } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';
import { readLimitsQuestion } from './read-limits-question.ts';

/** One caller with all its tags and groups. */
const MAX_BODY_BYTES = 65_536;

/** How the limits stand that concern one caller and one tool: nothing is counted. */
export const answerLimitsLeft = async (
  request: IncomingMessage,
  { limitsLeft, now }: Pick<Management, 'limitsLeft' | 'now'>,
): Promise<Reply> => {
  const body = await readJsonBody(request, { maxBytes: MAX_BODY_BYTES });
  if (!body.ok) return body.error;
  const question = readLimitsQuestion(body.value);
  if (!question.ok) return problem('bad_request', question.error);
  const left = await limitsLeft(question.value, now());
  return left.ok ? json(200, { limits: left.value }) : unknown(left.error);
};

const unknown = (why: LimitsUnknown): Reply => {
  const [code, detail] = saidOf(why);
  return problem(code, detail);
};

const saidOf = (why: LimitsUnknown): readonly [ProblemCode, string] => {
  switch (why.reason) {
    case 'unknown_server':
      return [
        'not_served',
        'server: this node has not served a call of it since it started. Make one, then ask again.',
      ];
    case 'unknown_tool':
      return ['not_found', 'tool: the API has no such operation.'];
    case 'unclear_caller':
      return ['bad_request', `caller.tags: ${why.detail}`];
    case 'no_policy':
      return ['unavailable', 'There is no policy to judge by now: readiness says why. Retry later.'];
    case 'store_away':
      return ['unavailable', 'The counters cannot be asked now: readiness says why. Retry later.'];
  }
};
