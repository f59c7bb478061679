import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { invalidRequest, type StripeFailure } from '../state/stripe-failure.ts';
import type { ParameterTypes } from '../schemas/parameter-types.ts';
import schemaFile from '../schemas/requests.json' with { type: 'json' };
import type { FormValue } from './form-parameters.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

export type SchemaName = keyof ParameterTypes;

const schemas = schemaFile as unknown as Readonly<Record<SchemaName, Schema>>;
const options = { allErrors: true, strict: false, verbose: true } as const;
/** Form values are text: numbers and booleans are read out of it. JSON (v2) must carry the right types. */
const readers = { form: new Ajv({ ...options, coerceTypes: true }), json: new Ajv(options) };
const compiled = new Map<string, ValidateFunction>();

/** Parameters in the SDK's shape, or the refusal that Stripe would answer. */
export function readParameters(name: SchemaName, raw: unknown, encoding: 'form' | 'json'): unknown {
  const schema = schemas[name];
  const value = encoding === 'form' ? withLists(raw as FormValue, schema) : raw;
  const key = `${encoding}/${name}`;
  const validate = compiled.get(key) ?? readers[encoding].compile(schema);
  compiled.set(key, validate);
  if (validate(value)) return value;
  throw toFailure(validate.errors ?? []);
}

function withLists(value: FormValue, schema: Schema | undefined): unknown {
  if (typeof value === 'string') return value;
  const list = pick(schema, 'array');
  if (list && Object.keys(value).every((key) => /^\d+$/.test(key))) {
    const entries = Object.entries(value).sort(([left], [right]) => Number(left) - Number(right));
    return entries.map(([, each]) => withLists(each, list.items));
  }
  const object = pick(schema, 'object');
  const fields = Object.entries(value).map(([key, each]) => [key, withLists(each, fieldOf(object, key))] as const);
  return Object.fromEntries(fields);
}

function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  const rest = schema?.additionalProperties;
  return schema?.properties?.[key] ?? (typeof rest === 'object' ? rest : undefined);
}

function pick(schema: Schema | undefined, type: string): Schema | undefined {
  if (schema?.type === type) return schema;
  return schema?.anyOf?.map((each) => pick(each, type)).find((each) => each !== undefined);
}

function toFailure(errors: readonly ErrorObject[]): StripeFailure {
  const unknown = errors.filter((error) => error.keyword === 'additionalProperties').map(unknownParameter);
  if (unknown.length > 0) {
    const label = unknown.length === 1 ? 'Received unknown parameter' : 'Received unknown parameters';
    return invalidRequest(`${label}: ${unknown.join(', ')}`, { code: 'parameter_unknown', param: unknown[0] ?? '' });
  }
  const missing = errors.find((error) => error.keyword === 'required');
  if (missing) {
    const param = bracketed(missing.instancePath, String(missing.params['missingProperty']));
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  // Of the alternatives of an `anyOf` the one that was read furthest says most.
  const [first] = [...errors].sort((left, right) => depth(right) - depth(left));
  if (!first) return invalidRequest('Invalid request');
  return describe(first);
}

const depth = (error: ErrorObject): number =>
  error.instancePath.split('/').length * 2 + (error.keyword === 'anyOf' || error.keyword === 'const' ? 0 : 1);

function unknownParameter(error: ErrorObject): string {
  return bracketed(error.instancePath, String(error.params['additionalProperty']));
}

function describe(error: ErrorObject): StripeFailure {
  const param = bracketed(error.instancePath);
  const value = typeof error.data === 'string' ? error.data : JSON.stringify(error.data);
  switch (error.keyword) {
    case 'enum': {
      const values = (error.params['allowedValues'] as unknown[])
        .filter((each) => each !== null && each !== '')
        .map(String);
      return invalidRequest(`Invalid ${param}: must be one of ${orList(values)}`, { param });
    }
    case 'minLength':
      return invalidRequest(
        `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
        { code: 'parameter_invalid_empty', param },
      );
    case 'pattern':
      return invalidRequest(`Invalid decimal: ${value}; must contain at maximum twelve decimal places.`, {
        code: 'parameter_invalid_decimal',
        param,
      });
    case 'type': {
      const type = String(error.params['type']);
      const code = type === 'integer' ? { code: 'parameter_invalid_integer' } : {};
      return invalidRequest(`Invalid ${type}: ${value}`, { ...code, param });
    }
    default:
      return invalidRequest(`Invalid ${param}: ${value}`, { param });
  }
}

function orList(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')}, or ${values.at(-1) ?? ''}`;
}

/** `/lines/0/price_data` becomes `lines[0][price_data]`, as Stripe names parameters. */
function bracketed(instancePath: string, last?: string): string {
  const keys = instancePath.split('/').slice(1);
  if (last !== undefined) keys.push(last);
  const [first = '', ...rest] = keys;
  return first + rest.map((key) => `[${key}]`).join('');
}
