import { optionalFields, type AllFields } from '../domain/defined-fields.ts';
import { rememberTexts } from '../domain/remember-texts.ts';
import type { GuardFacts } from './guard-protocol.ts';

const LINES = 15;

/**
 * Reads what `facts.collect` of mcp-guard's facts.lua writes: lines between two copies of the request's id (see `framed-text.ts`), an
 * empty one for what the request has not, JSON where the value is a table or may be any text. Undefined when the text is not the guard's.
 */
export const readFactLines = (text: string): GuardFacts | undefined => {
  const told = text.split('\n');
  if (told.length !== LINES || told[0] !== told[LINES - 1]) return undefined;
  const [requestId = '', version, covered, startedAt, method = '', path = '', query = '', ...rest] = told;
  const [consumer, credentialId, groups, token, isTruncated, bodyError, headers = ''] = rest;
  try {
    return optionalFields({
      v: Number(version),
      covered: covered === '1',
      request_id: requestId,
      started_at: Number(startedAt),
      method,
      path,
      query: textOf(query),
      headers: JSON.parse(headers) as GuardFacts['headers'],
      headers_truncated: isTruncated === '1' ? true : undefined,
      body_error: textOf(bodyError) as GuardFacts['body_error'],
      consumer: consumerIn(consumer),
      credential_id: stringIn(credentialId),
      groups: groupsIn(groups),
      token: stringIn(token),
    } satisfies AllFields<GuardFacts>);
  } catch {
    return undefined;
  }
};

const textOf = (line: string | undefined): string | undefined => (line === '' ? undefined : line);

/** What the guard wrote as JSON; of which type it really is, whoever reads it looks. */
const stringIn = (line = ''): string | undefined => (line === '' ? undefined : (JSON.parse(line) as string));

type Consumer = NonNullable<GuardFacts['consumer']>;
type Groups = NonNullable<GuardFacts['groups']>;

/** The same text gives the same object: what is derived from a caller is found by it, and not derived for every request. */
const consumerOf = rememberTexts((line) => JSON.parse(line) as Consumer);
const groupsOf = rememberTexts((line) => JSON.parse(line) as Groups);

const consumerIn = (line = ''): Consumer | undefined => (line === '' ? undefined : consumerOf(line));
const groupsIn = (line = ''): Groups | undefined => (line === '' ? undefined : groupsOf(line));
