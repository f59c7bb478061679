import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { PolicyDocument } from './policyDocument';

/** The document that operators keep by hand, read for every policy: it is small, and a change counts at once. */
export const readBase = async (file: string | undefined): Promise<PolicyDocument> => {
  if (file === undefined) return { version: 1 };
  const document: unknown = parse(await readFile(file, 'utf8'));
  if (typeof document !== 'object' || document === null || (document as { version?: unknown }).version !== 1)
    throw new Error(`toolCatalog.policy.baseFile: ${file} is no policy document of version 1 (docs/policy.md).`);
  return document as PolicyDocument;
};
