import type { ItemKind } from '../call.ts';
import type { CallerAccess } from './access.ts';
import type { Situation } from './condition.ts';
import { nobody, weighRules, type ItemFinding } from './weigh-rules.ts';

/** Longest URI that is judged; servers and proxies take no longer ones in practice, and each is judged in three forms. */
const MAX_URI_LENGTH = 8192;

export interface ItemQuestion {
  readonly kind: ItemKind;
  readonly name: string;
  readonly situation: Situation;
}

/**
 * What the rules say about one item. Calls and list filters both ask this function, so that a list never shows what a
 * call refuses, whatever its arguments.
 */
export const findItem = (access: CallerAccess, { kind, name, situation }: ItemQuestion): ItemFinding =>
  kind === 'resource' ? findResource(access, name, situation) : findNamed(access, { kind, name, situation });

const findNamed = (access: CallerAccess, { kind, name, situation }: ItemQuestion): ItemFinding =>
  weighRules(access.find(kind, name), access.findConditional(kind, name), situation);

/**
 * Servers normalise URIs before they look them up (the SDK's do: `new URL(uri).toString()`), so
 * `docs://h/public/../secret` would pass a rule about `docs://h/public/*` and read `docs://h/secret`. Therefore every
 * form that a server may make of the URI has to be allowed. A rule that holds the URI itself needs no second form to
 * allow, but a deny about any form still counts.
 */
const findResource = (access: CallerAccess, uri: string, situation: Situation): ItemFinding => {
  if (uri.length > MAX_URI_LENGTH) return nobody;
  const asGiven = findNamed(access, { kind: 'resource', name: uri, situation });
  if (asGiven.effect !== 'allow') return asGiven;
  for (const form of otherForms(uri)) {
    const found = findNamed(access, { kind: 'resource', name: form, situation });
    if (found.effect === 'deny') return found;
    if (found.effect === 'none' && !asGiven.isExact) return nobody;
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
