import type { JsonRecord } from '../json';

/** An OpenAPI document with what the catalog takes from it. */
export interface ApiDocument {
  readonly document: JsonRecord;
  /** Names of operations as rules and invoices have them: operationId, or `METHOD /path`. */
  readonly operationNames: readonly string[];
  readonly title: string | undefined;
  readonly description: string | undefined;
}
