import { foldName } from '../json/lookalike-key.ts';
import type { OperationTemplate } from '../server-config.ts';
import type { PathSegment } from './path-segments.ts';

/** One segment of the templates that share a beginning. */
export interface TemplateNode {
  readonly literals: Map<string, TemplateNode>;
  /** The same nodes by the folded form of their literal; of two that fold alike the first. */
  readonly foldedLiterals: Map<string, TemplateNode>;
  parameter?: TemplateNode;
  /** By HTTP method. */
  readonly operations: Map<string, CompiledOperation>;
}

export interface CompiledOperation {
  readonly operation: OperationTemplate;
  /** Names of the `{parameters}`, in order of the path. */
  readonly parameterNames: readonly string[];
}

export interface TreeMatch {
  readonly operations: TemplateNode['operations'];
  /** Decoded values of the `{parameters}`, in order of the path. */
  readonly values: readonly string[];
}

export const createNode = (): TemplateNode => ({
  literals: new Map(),
  foldedLiterals: new Map(),
  operations: new Map(),
});

/** The first of several operations with the same method and shape stays. */
export const addOperation = (root: TemplateNode, operation: OperationTemplate): void => {
  const parameterNames: string[] = [];
  let node = root;
  for (const segment of operation.template.slice(1).split('/')) {
    const name = parameterName(segment);
    if (name === undefined) {
      node = literalChild(node, segment);
    } else {
      parameterNames.push(name);
      node.parameter ??= createNode();
      node = node.parameter;
    }
  }
  if (!node.operations.has(operation.method)) node.operations.set(operation.method, { operation, parameterNames });
};

/** `id` of `{id}`; undefined for every other segment, which is then a literal. */
export const parameterName = (segment: string): string | undefined => /^\{([^{}]+)\}$/.exec(segment)?.[1];

const literalChild = (node: TemplateNode, segment: string): TemplateNode => {
  const existing = node.literals.get(segment);
  if (existing !== undefined) return existing;
  const child = createNode();
  node.literals.set(segment, child);
  const folded = foldName(segment);
  if (!node.foldedLiterals.has(folded)) node.foldedLiterals.set(folded, child);
  return child;
};

/** A literal beats a parameter; where the literal's branch leads nowhere the parameter's is tried. */
export const findOperations = (
  root: TemplateNode,
  segments: readonly PathSegment[],
  literalOf: LiteralLookup = exactLiteral,
): TreeMatch | undefined => {
  const find = (node: TemplateNode, depth: number): TreeMatch | undefined => {
    const segment = segments[depth];
    if (segment === undefined)
      return node.operations.size > 0 ? { operations: node.operations, values: [] } : undefined;
    const literal = literalOf(node, segment);
    const match = literal === undefined ? undefined : find(literal, depth + 1);
    if (match !== undefined || node.parameter === undefined || segment.decoded === '') return match;
    const rest = find(node.parameter, depth + 1);
    return rest === undefined ? undefined : { ...rest, values: [segment.decoded, ...rest.values] };
  };
  return find(root, 0);
};

type LiteralLookup = (node: TemplateNode, segment: PathSegment) => TemplateNode | undefined;

const exactLiteral: LiteralLookup = (node, segment) => node.literals.get(segment.raw);

const lenientLiteral: LiteralLookup = (node, segment) =>
  exactLiteral(node, segment) ?? node.foldedLiterals.get(foldName(segment.decoded));

/**
 * Would a server that compares paths without case (express), or decodes them before it compares, run the same operations?
 * `/users/ME` is a user here and `/users/me` there.
 */
export const isSharedMatch = (root: TemplateNode, segments: readonly PathSegment[], match: TreeMatch): boolean =>
  match.values.length === 0 || findOperations(root, segments, lenientLiteral)?.operations === match.operations;
