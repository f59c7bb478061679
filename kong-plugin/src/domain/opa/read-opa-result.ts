import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { compilePaths } from '../records/redact-paths.ts';
import { plainText } from '../replies/plain-text.ts';
import { failure, success, type Result } from '../result.ts';
import type { OpaResult } from './opa-decision.ts';

/** A sentence or two; it is shown to an agent and kept in every record of a refusal. */
const MAX_REASON_CHARACTERS = 512;
const MAX_SHOWN_CHARACTERS = 120;

const denied: OpaResult = { allow: false, obligations: { redact: [] } };

/**
 * Reads the decision document. Undefined is silence, and silence is a deny. A document that is not understood to the last
 * member is a failure, because a misspelt obligation would otherwise be an obligation that nobody meets.
 */
export const readOpaResult = (value: unknown): Result<OpaResult, string> => {
  if (value === undefined) return success(denied);
  const decision = toObject(value);
  if (decision === undefined) return failure(`The decision must be an object with "allow", it is ${shown(value)}.`);
  const unknown = unknownKey(decision, ['allow', 'reason', 'obligations']);
  if (unknown !== undefined) return failure(`The decision has the member ${unknown}, ${onlyKnows}`);
  const allow = ownValue(decision, 'allow');
  if (typeof allow !== 'boolean') return failure(`"allow" must be true or false, it is ${shown(allow)}.`);
  const reason = readReason(ownValue(decision, 'reason'));
  if (!reason.ok) return reason;
  const redact = readObligations(ownValue(decision, 'obligations'));
  if (!redact.ok) return redact;
  return success({
    allow,
    ...(reason.value === '' ? {} : { reason: reason.value }),
    obligations: { redact: redact.value },
  });
};

const onlyKnows =
  'which this gateway does not know: it knows "allow", "reason" and "obligations". Ask for a rule such as mcp/governance/decision, not for its package.';

const readReason = (reason: JsonValue | undefined): Result<string, string> => {
  if (reason === undefined) return success('');
  if (typeof reason !== 'string') return failure(`"reason" must be a text, it is ${shown(reason)}.`);
  return success(plainText(reason, { maxCharacters: MAX_REASON_CHARACTERS }));
};

const readObligations = (obligations: JsonValue | undefined): Result<readonly string[], string> => {
  if (obligations === undefined) return success([]);
  if (!isJsonObject(obligations)) return failure(`"obligations" must be an object, it is ${shown(obligations)}.`);
  const unknown = unknownKey(obligations, ['redact']);
  if (unknown !== undefined) return failure(`The obligation ${unknown} is not known; the only one is "redact".`);
  const redact = ownValue(obligations, 'redact');
  if (redact === undefined) return success([]);
  if (!isTexts(redact)) return failure(`"redact" must be a list of JSON paths, it is ${shown(redact)}.`);
  const paths = compilePaths(redact);
  return paths.ok ? success(redact) : failure(`"redact": ${paths.error.join('; ')}.`);
};

/** The answer comes from a JSON parser: an object is a JSON object. */
const toObject = (value: unknown): JsonObject | undefined => {
  const json = value as JsonValue;
  return isJsonObject(json) ? json : undefined;
};

const isTexts = (value: JsonValue): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const unknownKey = (object: JsonObject, known: readonly string[]): string | undefined => {
  const key = Object.keys(object).find((name) => !known.includes(name));
  return key === undefined ? undefined : shown(key);
};

const shown = (value: unknown): string => {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return plainText(JSON.stringify(value), { maxCharacters: MAX_SHOWN_CHARACTERS });
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
};
