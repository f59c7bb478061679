import { failure, type Result } from '../../domain/result.ts';
import type { ProviderFailure } from '../billing-provider.ts';
import type { PushState } from './stored-invoice.ts';

/** Where pushing a statement ended. */
export type PushOutcome =
  /** The statement has no line. */
  | { readonly kind: 'nothing_to_invoice' }
  /** The provider did not answer, or is not there yet: push again later. */
  | { readonly kind: 'waiting'; readonly because: string }
  /** Somebody has to look. The invoice stays a draft. */
  | {
      readonly kind: 'held';
      readonly because: string;
      readonly differences: readonly string[];
      readonly invoiceId?: string;
    }
  /** Equal to the statement and left as a draft, as asked. */
  | { readonly kind: 'draft'; readonly invoiceId: string }
  | { readonly kind: 'finalized'; readonly invoiceId: string }
  /** It had come this far before. */
  | { readonly kind: 'done'; readonly state: PushState; readonly invoiceId: string };

/** A step's value, or where pushing ends instead. */
export type Step<Value> = Promise<Result<Value, PushOutcome>>;

export const held = (because: string, more: { readonly invoiceId?: string } = {}) =>
  failure({ kind: 'held', because, differences: [], ...more } as const);

export const waiting = (because: string) => failure({ kind: 'waiting', because } as const);

/** A key that is wrong is mended without touching the statement, so that is no reason to hold it. */
export const stopFor = (what: string, { kind, message }: ProviderFailure) =>
  kind === 'unavailable' || kind === 'unauthorized' ? waiting(`${what}: ${message}`) : held(`${what}: ${message}`);
