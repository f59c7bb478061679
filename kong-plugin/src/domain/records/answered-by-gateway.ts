import type { CallFacts } from './build-record.ts';

/** The RFC 9728 document, a CORS preflight: nobody called anything, and a record would have to call it a deny. */
export const isAnsweredByGateway = ({ outcome, why, status }: Pick<CallFacts, 'outcome' | 'why' | 'status'>): boolean =>
  outcome === 'none' && why === 'not_governed' && status < 400;
