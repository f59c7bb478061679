import { Buffer } from 'node:buffer';
import { open as openFile } from 'node:fs/promises';
import { isMissing } from './directory.ts';
import { MAX_FRAME_BYTES, readFrame, type FrameContent } from './frame.ts';

/** Several of the longest frames; a batch is about as large. */
const WINDOW_BYTES = 4 * MAX_FRAME_BYTES;

export interface SegmentVisitor {
  /** A whole frame; `end` is the offset behind it. False stops behind it. */
  readonly frame: (content: FrameContent, end: number) => boolean;
  readonly damaged: (bytes: Buffer, offset: number) => void;
}

/** How far a segment was read. */
export interface SegmentReading {
  readonly position: number;
  /** No whole frame follows for now. */
  readonly isAtEnd: boolean;
  /** Bytes at the end that are no whole frame: still being written, or torn. */
  readonly rest: number;
}

/** Reads frames from an offset on. A file that is gone reads as empty: whoever deleted it had shipped it. */
export const readSegment = async (file: string, from: number, visitor: SegmentVisitor): Promise<SegmentReading> => {
  const handle = await openFile(file, 'r').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return { position: from, isAtEnd: true, rest: 0 };
  try {
    const window = Buffer.allocUnsafe(WINDOW_BYTES);
    for (let position = from; ;) {
      const { bytesRead } = await handle.read(window, 0, WINDOW_BYTES, position);
      const read = visit(window.subarray(0, bytesRead), position, visitor);
      position += read.bytes;
      if (read.isStopped) return { position, isAtEnd: false, rest: 0 };
      if (read.bytes === 0) return { position, isAtEnd: true, rest: bytesRead };
    }
  } finally {
    await handle.close();
  }
};

const visit = (
  bytes: Buffer,
  position: number,
  visitor: SegmentVisitor,
): { readonly bytes: number; readonly isStopped: boolean } => {
  for (let offset = 0; ;) {
    const read = readFrame(bytes, offset);
    if (read.kind === 'cut') return { bytes: offset, isStopped: false };
    if (read.kind === 'damaged') visitor.damaged(Buffer.from(bytes.subarray(offset, read.end)), position + offset);
    offset = read.end;
    if (read.kind === 'frame' && !visitor.frame(read.content, position + offset))
      return { bytes: offset, isStopped: true };
  }
};
