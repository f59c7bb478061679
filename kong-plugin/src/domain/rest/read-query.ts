import type { JsonObject } from '../json/json-value.ts';
import type { ReadingProblem } from '../http/reading-problem.ts';
import { unreadable } from '../http/reading-problem.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import { decodeText } from './path-segments.ts';

/** What Node and Express read of a query (`querystring` maxKeys); they ignore the rest, and rules must not miss any. */
const MAX_QUERY_PARAMETERS = 1000;

/** Query parameters by name; one that is repeated has a list of its values. */
export const readQuery = (query: string): Result<JsonObject, ReadingProblem> => {
  const values = new Map<string, string[]>();
  const pairs = query === '' ? [] : query.split('&', MAX_QUERY_PARAMETERS + 1);
  if (pairs.length > MAX_QUERY_PARAMETERS) {
    return unreadable('invalid_parameters', `Send at most ${MAX_QUERY_PARAMETERS} query parameters.`);
  }
  for (const pair of pairs.filter((text) => text !== '')) {
    const separator = pair.indexOf('=');
    const name = decodePart(separator < 0 ? pair : pair.slice(0, separator));
    const value = decodePart(separator < 0 ? '' : pair.slice(separator + 1));
    if (name === undefined || value === undefined) {
      return unreadable('invalid_parameters', 'The query holds an invalid percent escape.');
    }
    // Rails, Laravel and method-override take it for the HTTP method.
    if (name === '_method') return unreadable('invalid_parameters', 'The query parameter "_method" is not allowed.');
    const others = values.get(name);
    if (others === undefined) values.set(name, [value]);
    else others.push(value);
  }
  // `fromEntries` defines own properties: a parameter named `__proto__` is one like any other.
  return success(Object.fromEntries([...values].map(([name, list]) => [name, single(list)])));
};

const decodePart = (text: string): string | undefined => decodeText(text.replaceAll('+', ' '));

const single = (list: readonly string[]): string | readonly string[] => (list.length === 1 ? (list[0] ?? '') : list);
