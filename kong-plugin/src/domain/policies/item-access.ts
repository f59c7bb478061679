import type { ItemKind } from '../call.ts';
import type { CallerAccess } from './access.ts';
import type { Found } from './name-index.ts';

/** Longest URI that is judged; servers and proxies take no longer ones in practice, and each is judged in three forms. */
const MAX_URI_LENGTH = 8192;

/**
 * What the rules say about one item. Calls and list filters both ask this function, so that a list never shows what a
 * call refuses. Undefined is silence.
 */
export const findItem = (access: CallerAccess, kind: ItemKind, name: string): Found | undefined =>
  kind === 'resource' ? findResource(access, name) : access.find(kind, name);

/**
 * Servers normalise URIs before they look them up (the SDK's do: `new URL(uri).toString()`), so
 * `docs://h/public/../secret` would pass a rule about `docs://h/public/*` and read `docs://h/secret`. Therefore every
 * form that a server may make of the URI has to be allowed. A rule that holds the URI itself needs no second form to
 * allow, but a deny about any form still counts.
 */
const findResource = (access: CallerAccess, uri: string): Found | undefined => {
  if (uri.length > MAX_URI_LENGTH) return undefined;
  const asGiven = access.find('resource', uri);
  if (asGiven?.effect !== 'allow') return asGiven;
  for (const form of otherForms(uri)) {
    const found = access.find('resource', form);
    if (found?.effect === 'deny') return found;
    if (found === undefined && !asGiven.isExact) return undefined;
  }
  return asGiven;
};

const otherForms = (uri: string): readonly string[] => {
  const decoded = decode(uri);
  const forms = new Set([normalise(uri), decoded, normalise(decoded)]);
  forms.delete(uri);
  return [...forms];
};

const normalise = (uri: string): string => (URL.canParse(uri) ? new URL(uri).href : uri);

/** Where the escapes are not UTF-8, those of ASCII are decoded all the same: `..` and `/` are what matters. */
const decode = (uri: string): string => {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri.replace(/%([0-7][0-9A-Fa-f])/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  }
};
