import type { Statement } from './statement.ts';

/** What one tool costs on a statement: its lines, whatever price versions and allowances they are of. */
export interface ToolTotal {
  readonly server: string;
  readonly tool: string;
  readonly quantity: bigint;
  readonly freeQuantity: bigint;
  readonly amountMinor: bigint;
}

/** In the order of the lines; corrections and the tenant's minimum are of no tool. */
export const toolTotals = ({ lines }: Statement): readonly ToolTotal[] => {
  const totals = new Map<string, ToolTotal>();
  for (const { kind, server, tool, quantity, freeQuantity, amountMinor } of lines) {
    if (kind === 'adjustment' || server === undefined || tool === undefined) continue;
    const key = JSON.stringify([server, tool]);
    const sum = totals.get(key);
    totals.set(key, {
      ...{ server, tool, quantity: quantity + (sum?.quantity ?? 0n) },
      freeQuantity: freeQuantity + (sum?.freeQuantity ?? 0n),
      amountMinor: amountMinor + (sum?.amountMinor ?? 0n),
    });
  }
  return [...totals.values()];
};
