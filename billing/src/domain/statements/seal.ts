import { createHash } from 'node:crypto';
import { canonicalStatement } from './canonical-statement.ts';
import type { Statement } from './statement.ts';

/** Says what is hashed, so that no other text of this product can have the same hash on purpose. */
const PURPOSE = 'mcp-governance.statement.v1\n';

/** Hex SHA-256 that the statement must keep for ever; the evidence roots of its lines are part of it. */
export const sealOf = (statement: Statement): string => sealOfCanonical(canonicalStatement(statement));

export const sealOfCanonical = (canonical: string): string =>
  createHash('sha256').update(PURPOSE).update(canonical).digest('hex');
