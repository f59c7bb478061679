/** SQLSTATE of an error of the driver. */
const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

/** Gone at the next try: a deadlock, or two transactions that cannot both be first. */
export const isPassing = (error: unknown): boolean => ['40P01', '40001'].includes(codeOf(error));

/** A row for a month that has no partition. A violated check has the same code, and the name of its constraint. */
export const isMissingPartition = (error: unknown): boolean =>
  codeOf(error) === '23514' && !(error instanceof Error && 'constraint' in error && error.constraint !== undefined);

/** The values are at fault, and would be the next time: bad data (22), a broken rule (23), or more than it can read (54). */
export const isDataError = (error: unknown): error is Error =>
  error instanceof Error && /^(22|23|54)/.test(codeOf(error)) && !isMissingPartition(error);
