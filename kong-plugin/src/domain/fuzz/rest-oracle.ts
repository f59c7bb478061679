import type { OperationTemplate } from '../server-config.ts';

/**
 * Which operations could some lenient server run for this path? It applies what frameworks do before they match, in every
 * combination: decode once or twice, resolve dots, merge slashes, drop `;parameters` and trailing slashes, ignore case.
 */
export const operationsALenientServerMightRun = (
  method: string,
  path: string,
  operations: readonly OperationTemplate[],
): ReadonlySet<string> => {
  let paths = [path];
  for (const habit of habits) paths = [...new Set(paths.flatMap((each) => [each, habit(each)]))];
  return new Set(paths.flatMap((each) => firstMatch(method, each, operations)));
};

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const habits: readonly ((path: string) => string)[] = [
  decoded,
  decoded,
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/;[^/]*/g, ''),
  (path) => path.replace(/[?#\0].*$/s, ''),
  (path) => path.replace(/\/{2,}/g, '/'),
  (path) => new URL(`http://h/${encodeURI(path.replace(/^\/+/, ''))}`).pathname,
  (path) => path.replace(/(.)\/$/, '$1'),
  (path) => path.toLowerCase(),
];

/** The most literal template wins, as in OpenAPI. */
const firstMatch = (method: string, path: string, operations: readonly OperationTemplate[]): readonly string[] =>
  operations
    .filter((operation) => operation.method === method)
    .filter(({ template }) => toPattern(template).test(path))
    .sort((a, b) => a.template.split('{').length - b.template.split('{').length)
    .slice(0, 1)
    .map(({ name }) => name);

const toPattern = (template: string): RegExp => new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`, 's');
