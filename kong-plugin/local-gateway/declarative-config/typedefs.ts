import { normalizePath } from '../router/normalize-path.ts';

/** Kong's validators that are Lua functions there (kong/db/schema/typedefs.lua). Each gives the problem or undefined. */

export const checkHost = (host: string): string | undefined =>
  /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)$/.test(host) ? undefined : `invalid value: ${host}`;

export const checkHeaderName = (name: string): string | undefined =>
  /^[A-Za-z0-9_-]+$/.test(name)
    ? undefined
    : `bad header name '${name}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`;

export const checkPath = (path: string): string | undefined => {
  if (!/^\/[A-Za-z0-9.\-_~/%:@!$&'()*+,;=]*$/.test(path))
    return `invalid path: '${path}' (characters outside of the reserved list of RFC 3986 found)`;
  return checkPercent(path);
};

const checkPercent = (path: string): string | undefined => {
  const wrong = /%(?![0-9a-fA-F]{2}).?.?/.exec(path);
  return wrong === null ? undefined : `invalid url-encoded value: '${wrong[0]}'`;
};

export const checkRouterPath = (path: string): string | undefined => {
  const percent = checkPercent(path);
  if (percent !== undefined) return percent;
  if (!path.startsWith('~')) {
    const normalized = normalizePath(path);
    return normalized === path ? undefined : `non-normalized path, consider use '${normalized}' instead`;
  }
  try {
    new RegExp(path.slice(1));
    return undefined;
  } catch (error) {
    return `invalid regex: '${path.slice(1)}' (${error instanceof Error ? error.message : ''})`;
  }
};
