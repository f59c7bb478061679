import { Buffer } from 'node:buffer';
import { definedFields } from '../domain/defined-fields.ts';
import { sharedKeys, type BufferedAnswer, type Verdict } from './guard-protocol.ts';
import type { Kong } from './kong.ts';

/** The buffered answer by plain PDK calls, for nodes without mcp-guard; `getHeaders` is always empty in this phase. */
export const readPdkAnswer = async (kong: Kong): Promise<BufferedAnswer | undefined> => {
  const verdict = (await kong.ctx.shared.get(sharedKeys.verdict)) as Verdict | undefined;
  const { response } = kong.service;
  const status = await response.getStatus();
  const body = await response.getRawBody();
  if (verdict === undefined || body === undefined) return undefined;
  return definedFields({
    status,
    body: Buffer.from(body).toString('base64'),
    admission: verdict.admission,
    content_type: await response.getHeader('content-type'),
    content_encoding: await response.getHeader('content-encoding'),
  });
};
