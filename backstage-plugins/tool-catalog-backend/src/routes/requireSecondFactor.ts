import { NotAllowedError } from '@backstage/errors';
import { refusalSentences } from '../secondFactor/secondFactor';
import type { Services } from '../services';
import type { RouteContext } from './route';

/** Asked for last, after everything else allows: a code is used up by asking. */
export const requireSecondFactor = async (
  { secondFactor }: Services,
  { viewer, secondFactor: code }: Pick<RouteContext<unknown, unknown>, 'viewer' | 'secondFactor'>,
): Promise<void> => {
  const refusal = await secondFactor.check(viewer.user, code);
  if (refusal !== undefined) throw new NotAllowedError(`${SECOND_FACTOR}: ${refusalSentences[refusal]}`);
};

/** By which the frontend knows what to ask for. */
const SECOND_FACTOR = 'second factor';
