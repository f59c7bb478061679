import type { Issue } from '../../issue.ts';
import type { Currency } from '../../money/currency.ts';
import type { Decimal } from '../../money/decimal.ts';
import type { Result } from '../../result.ts';

/** A price model whose texts are read: what units cost, exactly. Nothing is rounded here; a line is, once. */
export interface Rating {
  /** What `units` cost together. None cost nothing, whatever the model charges on entering a tier. */
  readonly amountOf: (units: bigint) => Decimal;
  /** Ends the sentence "1,200 calls ...": `at 0.002 EUR each`. */
  readonly describe: (units: bigint, currency: Currency) => string;
  /** Major units, where every unit costs the same. */
  readonly unitAmount?: Decimal;
}

/** Reads one model. `path` is where it stands. */
export type CompileModel<Model> = (model: Model, path: string) => Result<Rating, readonly Issue[]>;

export const priceText = (amount: string, currency: Currency): string => `${amount} ${currency.toUpperCase()}`;
