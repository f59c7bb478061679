import { access } from './access.ts';
import type { CorpusCase } from './case.ts';
import { disguises } from './disguises.ts';
import { identity } from './identity.ts';
import { lists } from './lists.ts';
import { protocol } from './protocol.ts';
import { restCases } from './rest.ts';

/** The golden corpus: what each request is, what becomes of it, and what the record says. */
export const corpus: readonly CorpusCase[] = [
  ...disguises,
  ...protocol,
  ...access,
  ...lists,
  ...restCases,
  ...identity,
];
