import { failure, success, type Result } from '../result.ts';

/** One step of a path: which child, and whether any number of levels may lie before it (`..`). */
export interface PathStep {
  readonly isDeep: boolean;
  readonly selector:
    | { readonly kind: 'key'; readonly key: string }
    | { readonly kind: 'index'; readonly index: number }
    | { readonly kind: 'any' };
}

export type CompiledPath = readonly PathStep[];

/** Each path is followed at every node of every recorded call, so both numbers bound work per request. */
const MAX_PATHS = 100;
const MAX_PATH_CHARACTERS = 256;

/**
 * Compiles the JSON paths of a configuration: `$.a.b`, `$.cards[*].number`, `$..iban`, `$['odd key']`, `$.list[0]`.
 * Filters, slices and negative indexes are refused: a rule that hides a secret must be readable at a glance.
 */
export const compilePaths = (paths: readonly string[]): Result<readonly CompiledPath[], readonly string[]> => {
  if (paths.length > MAX_PATHS) return failure([`at most ${MAX_PATHS} paths, there are ${paths.length}`]);
  const compiled = paths.map(compilePath);
  const issues = compiled.flatMap((result) => (result.ok ? [] : [result.error]));
  if (issues.length > 0) return failure(issues);
  return success(compiled.flatMap((result) => (result.ok ? [result.value] : [])));
};

const stepPattern =
  /(\.\.|\.)?(?:([\p{L}_][\p{L}\p{N}_-]*)|(\*)|\[(?:(\*)|(0|[1-9]\d{0,8})|'((?:[^'\\]|\\['\\])*)'|"((?:[^"\\]|\\["\\])*)")\])/uy;

const compilePath = (path: string): Result<CompiledPath, string> => {
  const shown = JSON.stringify(path.slice(0, MAX_PATH_CHARACTERS));
  if (path.length > MAX_PATH_CHARACTERS) return failure(`${shown}… is longer than ${MAX_PATH_CHARACTERS} characters`);
  if (!path.startsWith('$')) return failure(`${shown} must start with $, for example $.customer.iban`);
  const steps: PathStep[] = [];
  let at = 1;
  while (at < path.length) {
    const step = readStep(path, at);
    if (step === undefined) return failure(`${shown} is not understood at character ${at + 1}: ${hint(path, at)}`);
    steps.push(step.value);
    at = step.end;
  }
  return success(steps);
};

const readStep = (path: string, at: number): { readonly value: PathStep; readonly end: number } | undefined => {
  stepPattern.lastIndex = at;
  const match = stepPattern.exec(path);
  if (match === null) return undefined;
  const [text, dots, name, star, bracketStar, index, single, double] = match;
  const isBracket = name === undefined && star === undefined;
  // `$name` lacks its dot and `$.['name']` has one too many; both are typing errors, not paths.
  if (isBracket ? dots === '.' : dots === undefined) return undefined;
  const key = name ?? single ?? double;
  return {
    value: { isDeep: dots === '..', selector: toSelector({ key, index, isAny: (star ?? bracketStar) !== undefined }) },
    end: at + text.length,
  };
};

const toSelector = (part: {
  readonly key: string | undefined;
  readonly index: string | undefined;
  readonly isAny: boolean;
}): PathStep['selector'] => {
  if (part.isAny || (part.key === undefined && part.index === undefined)) return { kind: 'any' };
  if (part.index !== undefined) return { kind: 'index', index: Number(part.index) };
  return { kind: 'key', key: (part.key ?? '').replace(/\\(.)/gs, '$1') };
};

const hint = (path: string, at: number): string => {
  const rest = path.slice(at);
  if (rest.startsWith('[?')) return 'filters are not supported';
  if (/^\[-?\d*:/.test(rest) || rest.startsWith('[-')) return 'slices and negative indexes are not supported';
  if (rest === '.' || rest === '..') return 'a name must follow the dot';
  return `write .name, ['odd name'], [0], [*] or ..name`;
};
