import type { Issue } from '../issue.ts';
import { failure, success, type Result } from '../result.ts';

/** The largest count that JSON, Stripe and JavaScript numbers all carry exactly. */
const MAX_JSON_QUANTITY = 2n ** 53n;

/** A count for JSON or Stripe; refused where it would not arrive as it was sent. */
export const toJsonQuantity = (quantity: bigint, path = ''): Result<number, Issue> =>
  quantity <= MAX_JSON_QUANTITY && quantity >= -MAX_JSON_QUANTITY
    ? success(Number(quantity))
    : failure({ path, problem: `${quantity} is beyond 2^53 and would lose digits as a number.` });

/** `1,234,567`. The same on every machine: not from its locale. */
export const formatQuantity = (quantity: bigint): string => quantity.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
