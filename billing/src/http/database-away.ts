/**
 * Whether an error says that PostgreSQL cannot be reached or is not ready, so that the same request may succeed later. Codes
 * of Node's sockets, and of PostgreSQL's classes 08 (connection) and 57P0x (shutdown, starting up), 53300 (too many).
 */
export const isDatabaseAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KnexTimeoutError') return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH)$|^08|^57P0|^53300$/.test(code) ||
    /^(Connection terminated|timeout expired|Client has encountered a connection error)/.test(error.message)
  );
};
