/** How the spool writes; only tests change them. */
export interface SpoolLimits {
  readonly segmentBytes: number;
  /** A segment is synced and closed after this long: a power cut takes no more than this from `settle` mode. */
  readonly segmentAgeMs: number;
  /** Pause before a disk that failed is tried again. */
  readonly retryDelayMs: number;
  /** A disk that takes longer counts as failed: no call waits for it any more. */
  readonly commitDeadlineMs: number;
  /** Frames that wait for the disk; 16 MiB hold some 10,000, seconds of a busy node. */
  readonly maxQueuedBytes: number;
}

export const spoolLimits: SpoolLimits = {
  segmentBytes: 8 * 1024 * 1024,
  segmentAgeMs: 5_000,
  retryDelayMs: 1_000,
  commitDeadlineMs: 2_000,
  maxQueuedBytes: 16 * 1024 * 1024,
};
