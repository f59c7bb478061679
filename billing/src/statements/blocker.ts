/** Why a statement is not sealed. Each can be overridden, with a reason that stays on the statement. */
export type BlockerKind =
  /** A node has not sent records whose numbers it used: calls are missing. */
  | 'open_gap'
  /** The audit chain does not hold through a day: some record was changed, removed or added. */
  | 'chain_broken'
  /** The daily usage and the single records differ: one of them is wrong. */
  | 'rollup_differs'
  /** Successful calls of a tool that nothing prices: sealing makes them free. */
  | 'unpriced'
  /** The statement cannot be made of what is stored. Not to be overridden: there is nothing to seal. */
  | 'not_ratable';

export interface Blocker {
  readonly kind: BlockerKind;
  readonly detail: string;
}

export const isForceable = ({ kind }: Blocker): boolean => kind !== 'not_ratable';
