/** One file of the spool: `<node>-<epoch>-<number>.wal`. */
export interface SegmentName {
  readonly nodeId: string;
  readonly epoch: string;
  /** From 1, without gaps but for segments that are shipped and gone. */
  readonly number: number;
}

export const segmentFile = ({ nodeId, epoch, number }: SegmentName): string =>
  `${nodeId}-${epoch}-${String(number).padStart(8, '0')}.wal`;

/** Undefined for a file that is no segment. */
export const readSegmentFile = (file: string): SegmentName | undefined => {
  const [, nodeId, epoch, number] = /^(.+)-([0-9a-f]{20})-(\d{8,12})\.wal$/.exec(file) ?? [];
  if (nodeId === undefined || epoch === undefined) return undefined;
  return { nodeId, epoch, number: Number(number) };
};

/** Oldest first: an intent is read before what settles it. */
export const compareSegments = (left: SegmentName, right: SegmentName): number =>
  left.epoch === right.epoch ? left.number - right.number : left.epoch < right.epoch ? -1 : 1;
