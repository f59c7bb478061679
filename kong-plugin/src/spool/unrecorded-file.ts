import { Buffer } from 'node:buffer';
import { open as openFile, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { type OpenFile } from './directory.ts';

/** What one run could not store: their sequences were consumed, so that the ledger finds them missing. */
export interface Unrecorded {
  readonly count: number;
  /** First and last sequence of each stretch. Once there are more than fit, stretches are joined and `count` alone is exact. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** Taken when the run starts: a full disk has no room for a new file, but one can still be written over. */
const FILE_BYTES = 4_096;
/** 100 pairs of 16 digits stay within the file. */
const MAX_RANGES = 100;
/** In a line of the log; the file has the others. */
const MAX_SHOWN_RANGES = 5;
const RETRY_MS = 1_000;

/** `<node>-<epoch>.unrecorded` */
export const unrecordedFile = (nodeId: string, epoch: string): string => `${nodeId}-${epoch}.unrecorded`;

/** Undefined for a file that is none, or that cannot be read. */
export const readUnrecorded = async (file: string): Promise<Unrecorded | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Unrecorded;
  } catch {
    return undefined;
  }
};

/** Keeps count on the disk of what could not be stored there. */
export class UnrecordedFile {
  private total = 0;
  private readonly ranges: [number, number][] = [];
  private writing: Promise<void> | undefined;
  private isDirty = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    private readonly open: OpenFile = openFile,
  ) {}

  get count(): number {
    return this.total;
  }

  /** Takes the room. */
  async prepare(): Promise<void> {
    await this.write('w');
  }

  add(sequence: number): void {
    this.total += 1;
    const last = this.ranges.at(-1);
    if (last !== undefined && (last[1] === sequence - 1 || this.ranges.length === MAX_RANGES)) last[1] = sequence;
    else this.ranges.push([sequence, sequence]);
    this.isDirty = true;
    this.start();
  }

  /** Leaves the file only if it tells of something. */
  async close(): Promise<void> {
    clearTimeout(this.retry);
    await this.writing;
    if (this.total === 0) await unlink(this.file).catch(() => undefined);
  }

  describe(): string {
    const shown = this.ranges.slice(-MAX_SHOWN_RANGES);
    const others = shown.length < this.ranges.length ? '..., ' : '';
    return `${this.total} records were not stored (sequences ${others}${shown.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(', ')}; see ${path.basename(this.file)})`;
  }

  private start(): void {
    this.writing ??= this.writeWhileDirty().finally(() => {
      this.writing = undefined;
      if (this.isDirty && this.retry === undefined) this.start();
    });
  }

  private async writeWhileDirty(): Promise<void> {
    while (this.isDirty) {
      this.isDirty = false;
      try {
        await this.write('r+');
      } catch {
        this.isDirty = true;
        this.retry = setTimeout(() => {
          this.retry = undefined;
          this.start();
        }, RETRY_MS).unref();
        return;
      }
    }
  }

  private async write(flags: 'w' | 'r+'): Promise<void> {
    const text = JSON.stringify({ count: this.total, ranges: this.ranges } satisfies Unrecorded);
    const handle = await this.openFor(flags);
    try {
      await handle.write(Buffer.from(text.padEnd(FILE_BYTES - 1) + '\n'), 0, FILE_BYTES, 0);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  private async openFor(flags: 'w' | 'r+'): Promise<Awaited<ReturnType<OpenFile>>> {
    try {
      return await this.open(this.file, flags, 0o600);
    } catch (error) {
      if (flags === 'w') throw error;
      return this.open(this.file, 'w', 0o600);
    }
  }
}
