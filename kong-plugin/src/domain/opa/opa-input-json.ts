import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonObject } from '../json/json-value.ts';
import type { OpaInput } from './opa-decision.ts';

/**
 * The input as OPA receives it. Not `JSON.stringify`, which writes the argument `1e999` as `null`: in Rego `null <= 1000`
 * is true, and a caller would pass every upper limit.
 */
export const opaInputJson = (input: OpaInput): string => canonicalJson(toJson(input));

/** The same text exactly for inputs that are equal in everything but `time` and `limits`. */
export const opaCacheKey = (input: OpaInput): string => {
  const { time: _time, limits: _limits, ...question } = toJson(input);
  return canonicalJson(question);
};

const toJson = (input: OpaInput): JsonObject => ({
  ...input,
  caller: { ...input.caller },
  call: { ...input.call },
});
