import type { IncomingMessage } from 'node:http';
import { isJsonObject, ownValue } from '../domain/json/json-value.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { problem, type Reply } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';

/** A hash and a few braces. */
const MAX_BODY_BYTES = 4_096;

/** The hash that an operator looked at and approves. */
export const readApproval = async (request: IncomingMessage): Promise<Result<string, Reply>> => {
  const body = await readJsonBody(request, { maxBytes: MAX_BODY_BYTES });
  if (!body.ok) return body;
  const { value } = body;
  const hash = isJsonObject(value) && Object.keys(value).length === 1 ? ownValue(value, 'hash') : undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
    return failure(
      problem('bad_request', 'Send {"hash": "..."} with the currentHash of the tool, 64 characters from 0-9 and a-f.'),
    );
  return success(hash);
};
