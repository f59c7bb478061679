import { checkValue } from './field-validators.ts';
import type { EntityCheck, KongField } from './kong-schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kong's checks between fields, with Kong's messages. */
export const checkEntity = (checks: readonly EntityCheck[], entity: Fields): readonly string[] =>
  checks.flatMap((check) => {
    const problem = checkOne(check, entity);
    return problem === undefined ? [] : [problem];
  });

const checkOne = (check: EntityCheck, entity: Fields): string | undefined => {
  const { at_least_one_of, only_one_of, mutually_required, mutually_exclusive, conditional } = check;
  if (at_least_one_of !== undefined && count(at_least_one_of, entity) === 0)
    return `at least one of these fields must be non-empty: ${quoted(at_least_one_of)}`;
  if (only_one_of !== undefined && count(only_one_of, entity) !== 1)
    return `exactly one of these fields must be non-empty: ${quoted(only_one_of)}`;
  if (mutually_required !== undefined && ![0, mutually_required.length].includes(count(mutually_required, entity)))
    return `all or none of these fields must be set: ${quoted(mutually_required)}`;
  if (mutually_exclusive !== undefined && count(mutually_exclusive, entity) > 1)
    return `only one or none of these fields must be set: ${quoted(mutually_exclusive)}`;
  return conditional === undefined ? undefined : checkConditional(conditional, entity);
};

const checkConditional = (conditional: NonNullable<EntityCheck['conditional']>, entity: Fields): string | undefined => {
  const condition = field(entity, conditional.if_field);
  if (!fits(condition, conditional.if_match)) return undefined;
  if (fits(field(entity, conditional.then_field), conditional.then_match)) return undefined;
  return conditional.then_err ?? `failed conditional validation given value of field '${conditional.if_field}'`;
};

const fits = (value: unknown, match: Partial<KongField>): boolean => {
  const { required, ...checks } = match;
  if (value === null || value === undefined)
    return required !== true && (checks.eq === null || Object.keys(checks).length === 0);
  return checkValue(value, { type: 'any', ...checks }) === undefined;
};

const count = (names: readonly string[], entity: Fields): number =>
  names.filter((name) => isNonEmpty(field(entity, name))).length;

const isNonEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
};

const field = (entity: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined),
      entity,
    );

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
