import { sha256 } from '../sha256.ts';

/**
 * A UUID in the layout of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, so that ids sort by time, then 74 of the random bits
 * of Kong's request id. The same request has the same id each time its record is made.
 */
export const recordId = ({
  startedAt,
  requestId,
}: {
  readonly startedAt: number;
  readonly requestId: string;
}): string => {
  const time = startedAt.toString(16).padStart(12, '0');
  const digits = randomDigits(requestId);
  const variant = ((Number.parseInt(digits.charAt(3), 16) & 0b0011) | 0b1000).toString(16);
  const random = `7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${random}`;
};

/** nginx makes `$request_id` of 16 random bytes. Of any other id a hash is as good: two that differ a little differ everywhere. */
const randomDigits = (requestId: string): string => (/^[0-9a-f]{32}$/.test(requestId) ? requestId : sha256(requestId));
