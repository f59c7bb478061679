import type { JsonObject, JsonValue } from '../json/json-value.ts';

/** The schema of the policy document as data: the reader and the published JSON Schema are both made from it. */
export type Shape = TextShape | NumberShape | BooleanShape | AnyShape | ListShape | RecordShape;

export interface TextShape {
  readonly kind: 'text';
  readonly maximum: number;
  readonly minimum?: number;
  readonly oneOf?: readonly string[];
  readonly format?: TextFormat;
}

/** What a text has to look like, beyond its length. */
export interface TextFormat {
  /** With the `u` flag and no other; its source is in the JSON Schema too. */
  readonly pattern: RegExp;
  /** Ends the sentence "... must be". */
  readonly mustBe: string;
  /** What no pattern can say; true when the text is fine. */
  readonly check?: (text: string) => boolean;
  readonly suggest?: (text: string) => string | undefined;
}

export interface NumberShape {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

/** Any JSON. */
export interface AnyShape {
  readonly kind: 'any';
}

export interface ListShape {
  readonly kind: 'list';
  readonly items: Shape;
  readonly maximum: number;
  readonly minimum?: number;
}

export interface RecordShape {
  readonly kind: 'record';
  readonly fields: Readonly<Record<string, Field>>;
  /** Exactly one of these fields is present. */
  readonly exactlyOneOf?: readonly string[];
  /** What the fields have to do with each other; asked only when each of them is right. */
  readonly check?: (record: JsonObject) => readonly RecordProblem[];
}

export interface RecordProblem {
  readonly field: string;
  readonly problem: string;
  readonly suggestion?: string;
}

export interface Field {
  readonly shape: Shape;
  readonly description: string;
  readonly required?: true;
  /** The value of a field that is left out; without one it stays out. */
  readonly default?: JsonValue;
}

export const text = (maximum: number, more: Omit<TextShape, 'kind' | 'maximum'> = {}): TextShape => ({
  kind: 'text',
  maximum,
  ...more,
});

export const oneOf = (...values: readonly string[]): TextShape => ({ kind: 'text', maximum: 64, oneOf: values });

export const integer = (minimum: number, maximum: number): NumberShape => ({
  kind: 'number',
  isInteger: true,
  minimum,
  maximum,
});

export const anyNumber: NumberShape = { kind: 'number', isInteger: false };

export const boolean: BooleanShape = { kind: 'boolean' };

export const anyJson: AnyShape = { kind: 'any' };

export const list = (items: Shape, maximum: number, minimum?: number): ListShape => ({
  kind: 'list',
  items,
  maximum,
  ...(minimum === undefined ? {} : { minimum }),
});

export const record = (
  fields: Readonly<Record<string, Field>>,
  more: Omit<RecordShape, 'kind' | 'fields'> = {},
): RecordShape => ({ kind: 'record', fields, ...more });
