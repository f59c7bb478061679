import type { HttpRequest } from '../http-request.ts';

export interface MediaType {
  /** `type/subtype`, lower-case: servers compare it without case (a gateway that did not was bypassed, Tyk #8539). */
  readonly essence: string;
  /** Lower-case, unquoted. */
  readonly charset?: string;
  /** It has a parameter other than one `charset`. */
  readonly hasOtherParameters: boolean;
}

export const parseMediaType = (value: string): MediaType => {
  const [essence = '', ...rest] = value.split(';').map((part) => part.trim().toLowerCase());
  const parameters = rest.filter((part) => part !== '');
  const charsets = parameters.filter((part) => part.startsWith('charset='));
  const charset = charsets[0]?.slice('charset='.length).replace(/^"(.*)"$/, '$1');
  return {
    essence,
    ...(charset === undefined ? {} : { charset }),
    hasOtherParameters: charsets.length > 1 || charsets.length < parameters.length,
  };
};

/** Servers decode the body by its charset (express: utf-16le), so that only UTF-8 says the same to everybody. */
export const isUtf8Charset = (charset: string | undefined): boolean =>
  charset === undefined || charset === 'utf-8' || charset === 'utf8';

/** express.json() inflates gzip and deflate; Kong and this plugin do not. */
export const isIdentityEncoded = (request: HttpRequest): boolean =>
  (request.headers.get('content-encoding') ?? []).every((value) => identities.has(value.trim().toLowerCase()));

const identities: ReadonlySet<string> = new Set(['', 'identity']);
