import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { Field, RecordShape, Shape } from './shape.ts';

/** JSON Schema (2020-12) of a shape, for editors and pipelines. What only the reader can check is in the descriptions. */
export const toJsonSchema = (shape: Shape): JsonObject => {
  switch (shape.kind) {
    case 'text':
      return shape.oneOf === undefined
        ? {
            type: 'string',
            minLength: shape.minimum ?? 1,
            maxLength: shape.maximum,
            ...(shape.format === undefined ? {} : { pattern: shape.format.pattern.source }),
          }
        : { enum: shape.oneOf };
    case 'number':
      return {
        type: shape.isInteger ? 'integer' : 'number',
        ...(shape.minimum === undefined ? {} : { minimum: shape.minimum }),
        ...(shape.maximum === undefined ? {} : { maximum: shape.maximum }),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'any':
      return {};
    case 'list':
      return {
        type: 'array',
        items: toJsonSchema(shape.items),
        maxItems: shape.maximum,
        ...(shape.minimum === undefined ? {} : { minItems: shape.minimum }),
      };
    case 'record':
      return recordSchema(shape);
  }
};

const recordSchema = ({ fields, exactlyOneOf }: RecordShape): JsonObject => {
  const required = Object.keys(fields).filter((name) => fields[name]?.required === true);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(exactlyOneOf === undefined ? {} : { oneOf: exactlyOneOf.map((name): JsonValue => ({ required: [name] })) }),
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
  };
};

const fieldSchema = (field: Field): JsonObject => ({
  description: field.description,
  ...toJsonSchema(field.shape),
  ...(field.default === undefined ? {} : { default: field.default }),
});
