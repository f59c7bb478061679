/** One segment of a request path, as sent and as every server decodes it. */
export interface PathSegment {
  readonly raw: string;
  readonly decoded: string;
}

/** Deeper than any described API; bounds the search for a template. */
const MAX_SEGMENTS = 64;

/** Not an RFC 3986 `pchar`, or `;`, whose parameters some servers cut off and others match; or an incomplete escape. */
const foreignInSegment = /[^A-Za-z0-9\-._~!$&'()*+,=:@%]|%(?![0-9A-Fa-f]{2})/;

/** Can this be a segment of a request's path that every server reads alike? */
export const isPlainSegment = (raw: string): boolean => !foreignInSegment.test(raw);

/** After decoding: separators, controls, and another escape, which a server that decodes twice would see through. */
const unsafeDecoded = /[/\\;\p{Cc}]|%[0-9A-Fa-f]{2}/u;

/**
 * The segments of a path that every server splits and decodes alike; undefined for any other. Empty segments (`//`) and dot
 * segments are merged or resolved by some servers and matched by others. A trailing slash is one empty last segment.
 */
export const readPathSegments = (path: string): readonly PathSegment[] | undefined => {
  if (!path.startsWith('/')) return undefined;
  const raws = path.slice(1).split('/', MAX_SEGMENTS + 1);
  if (raws.length > MAX_SEGMENTS) return undefined;
  const segments: PathSegment[] = [];
  for (const [index, raw] of raws.entries()) {
    const segment = readSegment(raw);
    if (segment === undefined || (raw === '' && index < raws.length - 1)) return undefined;
    segments.push(segment);
  }
  return segments;
};

const readSegment = (raw: string): PathSegment | undefined => {
  if (!isPlainSegment(raw)) return undefined;
  const decoded = decodeText(raw);
  if (decoded === undefined || unsafeDecoded.test(decoded)) return undefined;
  // `%2e` is a dot to servers that decode before they resolve.
  if (decoded === '.' || decoded === '..' || /%2e/i.test(raw)) return undefined;
  return { raw, decoded };
};

/** Percent-decoded UTF-8, or undefined when an escape is incomplete or no UTF-8. */
export const decodeText = (text: string): string | undefined => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
