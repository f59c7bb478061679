import { failure, success, type Result } from '../result.ts';

/** One event of an event stream: its lines as they were sent, and the data they make together. */
export interface SseBlock {
  readonly lines: readonly SseLine[];
  /** Data lines joined with a line feed; undefined for a block without any (comments, `retry`). */
  readonly data: string | undefined;
}

interface SseLine {
  /** With its line ending. */
  readonly raw: string;
  readonly ending: string;
  readonly field: string;
}

/** Fields of the format (HTML, "server-sent events"); '' is a comment or a blank line. */
const knownFields = new Set(['', 'data', 'event', 'id', 'retry']);

/**
 * Splits an event stream into its blocks, each with the blank line that ends it. A last block without one is kept: some
 * clients read it. A field of another name is refused (a byte order mark makes one too): a lenient client might read it.
 */
export const readSseBlocks = (text: string): Result<readonly SseBlock[], string> => {
  const blocks: SseBlock[] = [];
  let lines: SseLine[] = [];
  for (const [raw, content = '', ending = ''] of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (raw === '') break;
    const field = content.split(':', 1)[0] ?? '';
    if (!knownFields.has(field)) return failure('the event stream has a field of an unknown name');
    lines.push({ raw, ending, field });
    if (content !== '') continue;
    blocks.push(toBlock(lines));
    lines = [];
  }
  return success(lines.length === 0 ? blocks : [...blocks, toBlock(lines)]);
};

/** The block's own text, with other data when `data` is given. */
export const writeSseBlock = (block: SseBlock, data?: string): string => {
  if (data === undefined) return block.lines.map((line) => line.raw).join('');
  const first = block.lines.findIndex((line) => line.field === 'data');
  return block.lines
    .flatMap((line, index) => {
      if (line.field !== 'data') return [line.raw];
      return index === first ? data.split('\n').map((part) => `data: ${part}${line.ending || '\n'}`) : [];
    })
    .join('');
};

const toBlock = (lines: readonly SseLine[]): SseBlock => {
  const data = lines.filter((line) => line.field === 'data').map(dataOf);
  return { lines, data: data.length === 0 ? undefined : data.join('\n') };
};

/** One space after the colon belongs to the format. */
const dataOf = (line: SseLine): string => {
  const content = line.raw.slice(0, line.raw.length - line.ending.length);
  return content.slice('data:'.length).replace(/^ /, '');
};
