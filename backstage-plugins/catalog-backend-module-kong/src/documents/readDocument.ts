import { parse } from 'yaml';
import { isRecord, recordAt, textAt, type JsonRecord } from '../json';
import { failure, success, type Result } from '../result';
import type { ApiDocument } from './ApiDocument';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** An OpenAPI 3 or Swagger 2 document from JSON or YAML text; the failure is a sentence. */
export const readDocument = (text: string): Result<ApiDocument, string> => {
  const document = parseText(text);
  if (!isRecord(document)) return failure('is not a JSON or YAML object');
  if (typeof document.openapi !== 'string' && document.swagger !== '2.0')
    return failure('is not an OpenAPI 3 or Swagger 2 document');
  return success(describeDocument(document));
};

export const describeDocument = (document: JsonRecord): ApiDocument => {
  const info = recordAt(document, 'info');
  return {
    document,
    operationNames: operationNames(recordAt(document, 'paths')),
    title: textAt(info, 'title'),
    description: textAt(info, 'description'),
  };
};

const operationNames = (paths: JsonRecord): readonly string[] =>
  Object.keys(paths).flatMap((path) => {
    // Anything else is an extension (x-...).
    const item = path.startsWith('/') ? recordAt(paths, path) : {};
    return METHODS.filter((method) => isRecord(item[method])).map(
      (method) => textAt(recordAt(item, method), 'operationId') ?? `${method.toUpperCase()} ${path}`,
    );
  });

/** YAML 1.2 holds JSON. Aliases are bounded by the library: a document of a few bytes cannot grow to gigabytes. */
const parseText = (text: string): unknown => {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: 100 });
  } catch {
    return undefined;
  }
};
