import { LineCounter, parseDocument, type Node } from 'yaml';
import { failure, success, type Result } from '../../domain/result.ts';
import type { Problem } from '../problem.ts';

export type YamlPath = readonly (string | number)[];

/** A YAML or JSON document as plain values, which still knows its lines. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Line of what stands at the path; undefined when nothing does. */
  lineOf(path: YamlPath): number | undefined;
}

export const readYaml = (text: string, file: string): Result<YamlSource, readonly Problem[]> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return failure(
      document.errors.map(({ message, pos }) => ({
        file,
        line: lines.linePos(pos[0]).line,
        problem: `not YAML: ${message}`,
      })),
    );
  const value = toValue(document);
  if (!value.ok) return failure([{ file, problem: value.error }]);
  return success({
    file,
    value: value.value,
    lineOf: (path) => {
      const node = document.getIn(path, true) as Node | undefined;
      return node?.range ? lines.linePos(node.range[0]).line : undefined;
    },
  });
};

/** Aliases that multiply (a "billion laughs" document) make `toJS` throw. */
const toValue = (document: { toJS(): unknown }): Result<unknown, string> => {
  try {
    return success(document.toJS());
  } catch (error) {
    return failure(`not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
};
