import { ConflictError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { ManagementError } from './ManagementClient';

/** What the gateway's management API refuses, as the portal's own refusal. */
export const asked = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ManagementError)) throw error;
    if (error.status === 409) throw new ConflictError(error.message);
    if (error.status === 404) throw new NotFoundError(error.message);
    throw new ServiceUnavailableError(error.message);
  }
};
