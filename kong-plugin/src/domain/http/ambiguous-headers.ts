import type { HttpRequest } from '../http-request.ts';
import type { Result } from '../result.ts';
import { success } from '../result.ts';
import type { ReadingProblem } from './reading-problem.ts';
import { quoted, unreadable } from './reading-problem.ts';

/** Headers by which frameworks replace the method or the path: the server would run another operation than the one judged. */
const overrides: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);

/** Headers that decide how every request is read. */
const framing: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'host',
  'origin',
]);

/**
 * Refuses headers that gateway and server may read differently. Node takes `mcp_name` for another header than `mcp-name`,
 * CGI-style servers for the same; of a repeated header some take the first, some the last, some the two joined.
 */
export const checkHeaders = (
  request: HttpRequest,
  options: { readonly isDecisive: (name: string) => boolean },
): Result<undefined, ReadingProblem> => {
  for (const [name, values] of request.headers) {
    const spelling = name.includes('_') ? name.replaceAll('_', '-') : name;
    if (overrides.has(spelling)) {
      return unreadable(
        'ambiguous_header',
        `The header ${quoted(name)} is not allowed: send the real method and path.`,
      );
    }
    if (!framing.has(spelling) && !options.isDecisive(spelling)) continue;
    if (spelling !== name) {
      return unreadable('ambiguous_header', `Spell the header ${quoted(name)} with hyphens: ${quoted(spelling)}.`);
    }
    if (values.length !== 1) return unreadable('ambiguous_header', `Send the header ${quoted(name)} once.`);
  }
  return success(undefined);
};
