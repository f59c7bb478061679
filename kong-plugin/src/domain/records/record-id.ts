import { sha256 } from '../sha256.ts';

/**
 * A UUID in the layout of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, so that ids sort by time, then SHA-256 of
 * Kong's request id where the RFC has random bits. The same request has the same id each time its record is made.
 */
export const recordId = ({
  startedAt,
  requestId,
}: {
  readonly startedAt: number;
  readonly requestId: string;
}): string => {
  const time = startedAt.toString(16).padStart(12, '0');
  const hash = sha256(requestId);
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 0b0011) | 0b1000).toString(16);
  const random = `7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${random}`;
};
