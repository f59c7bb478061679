import type { Buffer } from 'node:buffer';
import { unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, type OpenFile } from './directory.ts';

/**
 * One segment while it is written. After the first error it is given up: what a failed write or fdatasync left on the disk
 * is unknown, and a second fdatasync would say that all is well (fsync(2), "fsyncgate").
 */
export class SegmentFile {
  private written = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
  ) {}

  /** A new file in a folder that knows of it. Rejects when there is one of that name already. */
  static async create(file: string, open: OpenFile): Promise<SegmentFile> {
    // Records name people and what they did: nobody else reads them.
    const segment = new SegmentFile(await open(file, 'ax', 0o600), file);
    try {
      await syncDirectory(path.dirname(file), open);
    } catch (error) {
      await segment.giveUp();
      throw error;
    }
    return segment;
  }

  get bytes(): number {
    return this.written;
  }

  async append(frames: Buffer): Promise<void> {
    for (let offset = 0; offset < frames.length;) {
      const { bytesWritten } = await this.handle.write(frames, offset, frames.length - offset);
      if (bytesWritten === 0) throw new Error('the disk took no byte of a write');
      offset += bytesWritten;
      this.written += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Frees the file after an error, and the name if nothing was written under it. */
  async giveUp(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    if (this.written === 0) await unlink(this.file).catch(() => undefined);
  }
}
