/**
 * Writes requests.json, the JSON Schema of every request the double understands, from the pinned SDK's own types.
 *
 *     node billing/testing/stripe-double/schemas/generate.mjs
 *
 * The SDK's types are read from a copy in which `OtherString` is nothing (so that an enumeration lists its values: Stripe
 * refuses others) and `Decimal` a string (what travels). A test runs this again and compares.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

export interface JsonSchema {
  type?: string | string[] | undefined;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  required?: string[];
  pattern?: string;
  minLength?: number;
  [keyword: string]: unknown;
}

/** At most 12 decimals: more is refused by Stripe. The marker below becomes this pattern. */
const decimalPattern = '^-?\\d+(\\.\\d{1,12})?$';
const decimalMarker = 'stripe-decimal';
/** The few numbers that are not integers. */
const fractional = /percent|usage_gte|height|length|weight|width/;

export interface GenerateOptions {
  /** The folder of the installed `stripe` package. */
  readonly sdk: string;
  /** parameter-types.ts. */
  readonly types: string;
}

export function generateSchemas({ sdk, types }: GenerateOptions): Record<string, JsonSchema> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stripe-double-schemas-'));
  try {
    const entry = copyTypes(folder, sdk, types);
    const tsconfig = path.join(folder, 'tsconfig.json');
    const compilerOptions = {
      strict: true,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      target: 'ES2022',
      types: [],
    };
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ['parameter-types.ts'] }));
    const schema = createGenerator({
      path: entry,
      tsconfig,
      type: 'ParameterTypes',
      skipTypeCheck: true,
      expose: 'none',
      topRef: false,
      additionalProperties: false,
      jsDoc: 'none',
    }).createSchema('ParameterTypes') as JsonSchema;
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, each]) => [name, refineRequest(name, each)]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyTypes(folder: string, sdk: string, types: string): string {
  const copy = path.join(folder, 'node_modules', 'stripe');
  mkdirSync(copy, { recursive: true });
  cpSync(path.join(sdk, 'package.json'), path.join(copy, 'package.json'));
  cpSync(path.join(sdk, 'esm'), path.join(copy, 'esm'), {
    recursive: true,
    filter: (source) => !path.extname(source) || source.endsWith('.d.ts'),
  });
  const shared = path.join(copy, 'esm', 'shared.d.ts');
  replaceIn(shared, /export type OtherString = [^;]+;/, 'export type OtherString = never;');
  replaceIn(
    path.join(copy, 'esm', 'Decimal.d.ts'),
    /export type Decimal = [^}]+};/,
    `export type Decimal = '${decimalMarker}';`,
  );
  const entry = path.join(folder, 'parameter-types.ts');
  cpSync(types, entry);
  return entry;
}

function replaceIn(file: string, pattern: RegExp, replacement: string): void {
  const text = readFileSync(file, 'utf8');
  // A silent miss would generate schemas that accept anything.
  if (!pattern.test(text)) throw new Error(`${path.basename(file)} no longer matches ${pattern.source}`);
  writeFileSync(file, text.replace(pattern, replacement));
}

/** In an update an empty string unsets a field; elsewhere it is refused. */
function refineRequest(name: string, schema: JsonSchema): JsonSchema {
  const refined = refine(schema, name);
  if (name.endsWith('Update')) for (const field of Object.values(refined.properties ?? {})) delete field.minLength;
  return refined;
}

/** Adds what the types cannot say: integers, decimals, and that an empty string unsets (only where null is a type too). */
function refine(schema: JsonSchema, name: string): JsonSchema {
  if (schema.const === decimalMarker) return { type: 'string', pattern: decimalPattern };
  const refined: JsonSchema = { ...schema };
  if (schema.enum?.includes(decimalMarker)) {
    delete refined.enum;
    refined.pattern = `^$|${decimalPattern}`;
  }
  if (!fractional.test(name)) refined.type = toInteger(schema.type);
  if (refined.type === undefined) delete refined.type;
  if (schema.type === 'string' && schema.enum === undefined && schema.const === undefined) refined.minLength = 1;
  if (typeof schema.additionalProperties === 'object' && schema.additionalProperties.type === 'object') {
    refined.additionalProperties = refine(schema.additionalProperties, name);
  }
  if (schema.properties) {
    const properties = Object.entries(schema.properties).map(([key, each]) => [key, refine(each, key)] as const);
    refined.properties = Object.fromEntries(properties);
  }
  if (schema.items) refined.items = refine(schema.items, name);
  if (schema.anyOf) refined.anyOf = schema.anyOf.map((each) => refine(each, name));
  return refined;
}

function toInteger(type: JsonSchema['type']): JsonSchema['type'] {
  if (Array.isArray(type)) return type.map((each) => (each === 'number' ? 'integer' : each));
  return type === 'number' ? 'integer' : type;
}

/** One schema a line: a diff names the request that changed. */
export function printSchemas(schemas: Record<string, JsonSchema>): string {
  const lines = Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
