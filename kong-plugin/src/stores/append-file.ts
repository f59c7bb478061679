import { Buffer } from 'node:buffer';
import { statSync, type Stats } from 'node:fs';
import { mkdir, open as openFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

export interface AppendFileOptions {
  readonly file: string;
  /** Replaced in tests, to see a disk fill up in the middle of a line. */
  readonly open?: typeof openFile;
}

/** What came of a write: how many bytes reached the file, and the error that stopped it. */
export interface Written {
  readonly bytes: number;
  readonly error?: Error;
}

export const LINE_FEED = 10;

/** What tells one file of a machine from all others, whatever it is called. */
type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/**
 * A file of lines that others may rename at any time (logrotate): a renamed or deleted file is noticed before each write
 * and a new one begun. Before each, and not now and then: what is written to a deleted file is lost. A line that was cut,
 * by a full disk or a crash, is ended before the next one starts, so that it spoils no other.
 */
export class AppendFile {
  private handle: FileHandle | undefined;
  private identity: FileIdentity | undefined;
  private endsInLine = false;
  private readonly open: typeof openFile;

  constructor(private readonly options: AppendFileOptions) {
    this.open = options.open ?? openFile;
  }

  /** Makes sure that the file at the path is the one that is open. */
  async prepare(): Promise<void> {
    if (this.handle !== undefined && this.isMoved()) await this.close();
    this.handle ??= await this.begin();
  }

  /** Appends whole lines; a number of bytes below the length means that the last line may be cut. */
  async write(lines: Buffer): Promise<Written> {
    let bytes = 0;
    try {
      await this.prepare();
      const handle = this.handle;
      if (handle === undefined) throw new Error('the file is closed');
      if (this.endsInLine) await this.endLine(handle);
      while (bytes < lines.length) {
        const { bytesWritten } = await handle.write(lines, bytes, lines.length - bytes);
        if (bytesWritten === 0) throw new Error('the disk took no byte of a write');
        bytes += bytesWritten;
        this.endsInLine = lines[bytes - 1] !== LINE_FEED;
      }
      return { bytes };
    } catch (error) {
      return { bytes, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async sync(): Promise<void> {
    await this.handle?.datasync().catch((error: NodeJS.ErrnoException) => {
      // A pipe or terminal has nothing to sync (fdatasync(2)).
      if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP') throw error;
    });
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** Looks at once: the kernel knows the answer in 2 us of CPU, and the thread pool takes 15 to ask it. */
  private isMoved(): boolean {
    const atPath = identityAt(this.options.file);
    return atPath === undefined || atPath.ino !== this.identity?.ino || atPath.dev !== this.identity.dev;
  }

  /** Records name people and what they did: nobody else reads a file or folder that is made here. */
  private async begin(): Promise<FileHandle> {
    await mkdir(path.dirname(this.options.file), { recursive: true, mode: 0o700 });
    const handle = await this.open(this.options.file, 'a+', 0o600);
    const status = await handle.stat();
    this.identity = status;
    this.endsInLine = await endsInLine(handle, status);
    return handle;
  }

  private async endLine(handle: FileHandle): Promise<void> {
    await handle.write(Buffer.from('\n'));
    this.endsInLine = false;
  }
}

const identityAt = (file: string): FileIdentity | undefined => {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

const endsInLine = async (handle: FileHandle, status: Stats): Promise<boolean> => {
  if (!status.isFile() || status.size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, status.size - 1);
  return buffer[0] !== LINE_FEED;
};
