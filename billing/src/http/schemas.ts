import { z } from '@hono/zod-openapi';
import { isDay } from '../domain/calendar/day.ts';
import { didYouMean } from '../domain/text/closest.ts';

/** Names of tenants, tools and the like: what the gateway lets through (docs/policy.md). */
const MAX_NAME = 256;

export const name = (what: string) =>
  z
    .string({ error: `is missing. Name ${what}` })
    .min(1, { error: `is empty. Name ${what}, or leave it out.` })
    .max(MAX_NAME, { error: `is longer than ${MAX_NAME} characters. No name is.` });

export const day = z
  .string()
  .refine(isDay, { error: 'is not a day. Write it as YYYY-MM-DD, for example 2026-11-01.' })
  .openapi({ type: 'string', format: 'date', example: '2026-11-01' });

export const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'is not a month. Write it as YYYY-MM, for example 2026-11.' })
  .openapi({ example: '2026-11' });

/** An RFC 3339 moment. */
export const moment = z.iso
  .datetime({ offset: true, error: 'is not a moment. Write it as 2026-11-01T12:00:00Z.' })
  .openapi({ format: 'date-time', example: '2026-11-01T12:00:00Z' });

/** A whole number in a query, where everything arrives as text. */
export const whole = ({
  min,
  max,
  preset,
}: {
  readonly min: number;
  readonly max: number;
  readonly preset: number;
}) => {
  const error = `is not a whole number from ${min} to ${max}. Write digits.`;
  return z.coerce
    .number({ error })
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .default(preset)
    .openapi({ type: 'integer', minimum: min, maximum: max, default: preset });
};

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: ({ input }) =>
      `is not one of ${values.join(', ')}.${typeof input === 'string' ? didYouMean(input, values) : ''} Write one of them.`,
  });

/** A parameter that may be repeated: one value arrives as itself, several as a list. */
export const repeated = <Item extends z.ZodType>(item: Item, { max }: { readonly max: number }) =>
  z.preprocess(
    (value) => (value === undefined ? undefined : [value].flat()),
    z.array(item).max(max, { error: `are more than ${max}. Ask in parts.` }),
  );

/** An object that says so when it is given something it does not know: a misspelt filter would show everything. */
export const strict = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const known = Object.keys(shape);
      const [unknown = ''] = issue.keys;
      return `has no ${unknown}.${didYouMean(unknown, known)} It may have ${known.join(', ')}.`;
    },
  });

export const money = z
  .object({
    minor: z.string().openapi({ description: 'Smallest units of the currency, as text.', example: '1234' }),
    currency: z.string().openapi({ example: 'eur' }),
    text: z.string().openapi({ description: 'Units that people use.', example: '12.34' }),
  })
  .openapi('Money');

export const quantity = z.int().openapi({ description: 'Invocations.' });

/** What a successful answer says about itself. */
export const answers = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  200: { description, content: { 'application/json': { schema } } },
});
