import { createHash } from 'node:crypto';

/** Of Backstage's names. */
const MAX_LENGTH = 63;

/**
 * A name that Backstage accepts. Names of Kong that must be changed for it get a part of their hash, so that two of them
 * never become one.
 */
export const entityName = (kongName: string): string => {
  const plain = kongName
    .replace(/[^A-Za-z0-9\-_.]/g, '-')
    .replace(/^[-_.]+|[-_.]+$/g, '')
    .replace(/([-_.])[-_.]+/g, '$1');
  if (plain === kongName && plain.length <= MAX_LENGTH) return plain;
  const hash = createHash('sha256').update(kongName).digest('hex').slice(0, 8);
  const start = plain.slice(0, MAX_LENGTH - hash.length - 1).replace(/[-_.]+$/, '');
  return start === '' ? hash : `${start}-${hash}`;
};

/** Tags that Backstage accepts: others are spelt with what it has. */
export const entityTags = (kongTags: readonly string[]): readonly string[] => [
  ...new Set(
    kongTags
      .map((tag) =>
        tag
          .toLowerCase()
          .replace(/[^a-z0-9:+#]+/g, '-')
          .replace(/^-+|-+$/g, '')
          .slice(0, MAX_LENGTH)
          .replace(/-+$/, ''),
      )
      .filter((tag) => tag !== ''),
  ),
];
