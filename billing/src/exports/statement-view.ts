/** A statement as a person reads it: every number already a text of the statement's currency. */
export interface StatementView {
  readonly issuer: string;
  readonly tenantName: string;
  readonly tenantId: string;
  readonly statementId: string;
  /** Days `YYYY-MM-DD`, both included. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** As on an invoice: `EUR`. */
  readonly currency: string;
  /** `draft`, `sealed`, `paid`, ... */
  readonly state: string;
  readonly revision: number;
  readonly sealedAt?: string;
  readonly sealSha256?: string;
  readonly invoiceId?: string;
  readonly subtotal: string;
  readonly lines: readonly StatementViewLine[];
  readonly teams: readonly StatementViewTeam[];
  /** Called, but without a price: nothing is charged, and somebody should know. */
  readonly unpriced: readonly { readonly tool: string; readonly quantity: string }[];
  /** Called and not charged, by outcome. */
  readonly unbilled: readonly { readonly tool: string; readonly outcome: string; readonly quantity: string }[];
}

export interface StatementViewLine {
  readonly lineNo: number;
  readonly kind: 'usage' | 'free' | 'minimum' | 'adjustment';
  readonly description: string;
  /** `orders / search_orders`; absent where the line is about no tool. */
  readonly tool?: string;
  readonly quantity: string;
  readonly freeQuantity?: string;
  readonly unitAmount?: string;
  readonly amount: string;
  /** Per mille of the largest line, for the bar. */
  readonly share: number;
  readonly days?: string;
  readonly outcomes?: string;
  readonly evidenceSha256?: string;
}

export interface StatementViewTeam {
  readonly team: string;
  readonly costCenter: string;
  readonly quantity: string;
  readonly amount: string;
}
