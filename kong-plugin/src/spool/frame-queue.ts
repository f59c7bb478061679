import { Buffer } from 'node:buffer';

export interface QueuedFrame {
  readonly bytes: Buffer;
  /** Records are what is shipped; intents are not counted. */
  readonly isRecord: boolean;
  /** Who waits for the frame to be on the disk; told once, with the reason if it is not. */
  tell?: ((problem: string | undefined) => void) | undefined;
  isCounted?: boolean;
}

/** One write takes at most this much, so that a long queue is stored in steps that can fail one by one. */
const MAX_WRITE_BYTES = 1024 * 1024;

/** Frames that wait for the disk, in order. */
export class FrameQueue {
  private frames: QueuedFrame[] = [];
  private size = 0;

  get bytes(): number {
    return this.size;
  }

  get length(): number {
    return this.frames.length;
  }

  add(frame: QueuedFrame): void {
    this.frames.push(frame);
    this.size += frame.bytes.length;
  }

  /** Frames that a segment lost come before everything that followed. */
  putBack(frames: readonly QueuedFrame[]): void {
    this.frames = [...frames, ...this.frames];
    for (const frame of frames) this.size += frame.bytes.length;
  }

  /** What the next write takes. */
  take(): readonly QueuedFrame[] {
    let bytes = 0;
    const end = this.frames.findIndex((frame) => (bytes += frame.bytes.length) > MAX_WRITE_BYTES);
    const taken = this.frames.splice(0, end === -1 ? this.frames.length : Math.max(1, end));
    for (const frame of taken) this.size -= frame.bytes.length;
    return taken;
  }

  /** Tells everybody who waits. The frames stay: one that reaches the disk all the same is settled like any other. */
  tell(problem: string): void {
    tellAll(this.frames, problem);
  }
}

export const tellAll = (frames: readonly QueuedFrame[], problem: string | undefined): void => {
  for (const frame of frames) {
    frame.tell?.(problem);
    frame.tell = undefined;
  }
};

export const joined = (frames: readonly QueuedFrame[]): Buffer => Buffer.concat(frames.map(({ bytes }) => bytes));
