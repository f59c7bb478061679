/** Something wrong with an input, or worth a look: which file, where in it, what, and what to do. */
export interface Problem {
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Where in the document: `service orders-mcp, mcp-governance: rules[2].id`, `rules[0].when`. */
  readonly path?: string;
  readonly problem: string;
}

export const describeProblem = ({ file, line, path, problem }: Problem): string => {
  const place = line === undefined ? file : `${file ?? ''}:${line}`;
  return [place, path, problem].filter((part) => part !== undefined && part !== '').join(': ');
};
