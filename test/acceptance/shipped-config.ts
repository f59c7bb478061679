import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { kongYmlFile } from '../corpus/kong-yml.ts';
import type { Origins } from './stack.ts';

export interface Declarative {
  readonly services: readonly { readonly [field: string]: unknown }[];
  readonly [entity: string]: unknown;
}

/** kong.yml with the addresses at which the servers of a test really listen. */
export const shippedConfig = ({ mcp, rest }: Origins): Declarative =>
  parse(
    readFileSync(kongYmlFile, 'utf8')
      .replaceAll('http://127.0.0.1:9101', mcp)
      .replaceAll('http://127.0.0.1:9102', rest),
  ) as Declarative;
