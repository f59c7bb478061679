import type { IncomingMessage } from 'node:http';
import { readDemands } from '../domain/limits/limits-json.ts';
import type { Management } from './handle-request.ts';
import { json, problem, type Reply } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';

/** 64 demands whose names are as long as they may be. */
const MAX_BODY_BYTES = 262_144;

/** Units left, for `mcp-governance explain --node`: nothing is counted. */
export const answerPeek = async (request: IncomingMessage, management: Management): Promise<Reply> => {
  const body = await readJsonBody(request, { maxBytes: MAX_BODY_BYTES });
  if (!body.ok) return body.error;
  const demands = readDemands(body.value);
  if (demands === undefined)
    return problem('bad_request', 'Send {"demands": [...]} as mcp-governance explain --node does.');
  try {
    return json(200, await management.peek(demands, management.now()));
  } catch {
    return problem('unavailable', 'The counters cannot be asked now: readiness says why. Retry later.');
  }
};
