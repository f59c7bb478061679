import type Stripe from 'stripe';

/** What travels as JSON where the SDK's types say `T`: decimals are strings. Responses are checked with `satisfies Wire<Stripe.X>`. */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends string | number | boolean | null | undefined | void
    ? T
    : T extends readonly (infer Element)[]
      ? Wire<Element>[]
      : T extends object
        ? { [Key in keyof T]: Wire<T[Key]> }
        : T;
