import type { JsonValue } from '../json/json-value.ts';

/** The longest specified method is 34 characters. */
export const MAX_METHOD_LENGTH = 128;

/** Tool and prompt names; the specification asks for at most 128 characters of a tool's. */
export const MAX_NAME_LENGTH = 256;

/** As long as a request line that common servers accept. */
export const MAX_URI_LENGTH = 8192;

/** Task handles may be sealed tokens. */
export const MAX_TASK_ID_LENGTH = 1024;

/** Control characters end or split text in some servers; lone surrogates become U+FFFD in some. */
const unsafeCharacter = /[\p{Cc}\p{Surrogate}]/u;

/** Text that every server reads alike: 1 to `maxLength` characters, no control characters, no lone surrogates. */
export const isPlainText = (value: JsonValue | undefined, maxLength: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && !unsafeCharacter.test(value);

/** tools.mdx §Tool Names. */
export const isStrictToolName = (name: string): boolean => /^[A-Za-z0-9._-]{1,128}$/.test(name);

/** `.` or `..` as a path segment, also percent-encoded or after a backslash: `file:///public/../secret` would pass a rule for `file:///public/*`. */
const dotSegment = /(^|[/\\]|%2f|%5c)(\.|%2e){1,2}($|[/\\?#]|%2f|%5c)/i;

export const hasDotSegment = (uri: string): boolean => dotSegment.test(uri);
