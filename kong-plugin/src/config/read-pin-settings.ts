import { definedFields } from '../domain/defined-fields.ts';
import type { PinRefreshSettings } from './plugin-config.ts';

export interface CheckedPins {
  readonly file: string;
  readonly refresh?: {
    readonly url: string;
    readonly seconds: number;
    readonly credential?: string;
    readonly credential_header: string;
  };
}

/** RFC 9110 §5.6.2. */
const isHeaderName = (name: string): boolean => /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(name);

/** What Kong's schema cannot say. Each issue names the field and the fix. */
export const pinIssues = ({ refresh }: CheckedPins, server: 'mcp' | 'rest'): readonly string[] => {
  if (refresh === undefined) return [];
  return [
    ...(server === 'rest' ? ['pins.refresh: a REST API has no tools/list: leave it out'] : []),
    ...urlIssues(refresh.url),
    ...(isHeaderName(refresh.credential_header) ? [] : ['pins.refresh.credential_header: is no header name']),
    ...(refresh.credential === undefined || /^[\x20-\x7E]*$/.test(refresh.credential)
      ? []
      : ['pins.refresh.credential: only printable ASCII characters fit into a header']),
  ];
};

const urlIssues = (text: string): readonly string[] => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return ['pins.refresh.url: is not a URL, e.g. http://orders-mcp:8080/mcp'];
  return url.username === '' && url.password === ''
    ? []
    : ['pins.refresh.url: holds a password: put it into pins.refresh.credential'];
};

export const toPinRefresh = ({ refresh }: CheckedPins): { readonly pinRefresh?: PinRefreshSettings } =>
  refresh === undefined
    ? {}
    : {
        pinRefresh: definedFields({
          url: refresh.url,
          seconds: refresh.seconds,
          credential: refresh.credential,
          credentialHeader: refresh.credential_header,
        }),
      };
