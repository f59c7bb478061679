import { spoolBytes } from './directory.ts';

/** The last part of the bound is for the records of calls under way and of refusals: calls are refused before it is reached. */
const RESERVED_SHARE = 1 / 8;
const MAX_RESERVED_BYTES = 16 * 1024 * 1024;
/** Another plugin server of this node (a reload) may have made room. */
const MEASURE_WHILE_FULL_MS = 1_000;

export interface SpoolSizeOptions {
  readonly dir: string;
  readonly maxBytes: number;
  /** Bytes that were accepted and are not in a file yet. */
  readonly queued: () => number;
}

/** How much the spool holds: counted at each frame, and measured now and then, because others delete what is shipped. */
export class SpoolSize {
  private size = 0;
  private measuring: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private maxBytes: number;

  constructor(private readonly options: SpoolSizeOptions) {
    this.maxBytes = options.maxBytes;
    this.measure();
  }

  get bytes(): number {
    return this.size;
  }

  setBound(maxBytes: number): void {
    this.maxBytes = maxBytes;
  }

  grow(bytes: number): void {
    this.size += bytes;
  }

  isBeyond(bytes: number): boolean {
    return this.size + bytes > this.maxBytes;
  }

  /** Why no call should be admitted any more; undefined while there is room. */
  problem(): string | undefined {
    if (this.size < this.maxBytes - Math.min(this.maxBytes * RESERVED_SHARE, MAX_RESERVED_BYTES)) return undefined;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.measure();
    }, MEASURE_WHILE_FULL_MS).unref();
    return this.full();
  }

  full(): string {
    return `full: ${this.size} bytes of ${this.maxBytes} (metering.max_bytes) wait for the ledger`;
  }

  measure(): void {
    this.measuring ??= this.ask().finally(() => {
      this.measuring = undefined;
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.measuring;
  }

  private async ask(): Promise<void> {
    try {
      this.size = (await spoolBytes(this.options.dir)) + this.options.queued();
    } catch {
      // A folder that cannot be read shows when a segment is opened in it; until then what was counted stands.
    }
  }
}
