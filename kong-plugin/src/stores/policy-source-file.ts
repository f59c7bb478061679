import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  watch,
  type BigIntStats,
  type FSWatcher,
} from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { PolicySource } from '../ports/policy-source.ts';
import { createLastGoodPolicy } from './last-good-policy.ts';
import { messageOf, sourceOf } from './policy-holder.ts';
import { PolicyIntake, type ParsePolicy } from './policy-intake.ts';
import { MAX_POLICY_BYTES } from './policy-limits.ts';
import { createRepeater } from './policy-repeater.ts';

export interface FilePolicyOptions {
  readonly file: string;
  readonly parse: ParsePolicy;
  readonly now: () => number;
  /** The last good document, for a start at which the file is bad or missing. */
  readonly cacheFile?: string;
  readonly maxAgeSeconds?: number;
}

/** The file system tells of changes at once where it can; network and overlay file systems cannot. */
const POLL_MILLISECONDS = 500;
/** A writer that writes in place is seen half done: its next write comes within this. */
const SETTLE_MILLISECONDS = 20;
/** Two writes within one tick of the file's clock look alike, so that a file this young is read again. */
const YOUNG_MILLISECONDS = 2_000;

/**
 * A file, watched and polled. The folder is watched, not the file, so that a file that is replaced (editors, Kubernetes)
 * is followed. Reads at once when created: a node never starts without the policy it has.
 */
export const createFilePolicySource = (options: FilePolicyOptions): PolicySource => {
  const file = path.resolve(options.file);
  const intake = new PolicyIntake({
    ...options,
    ...(options.cacheFile === undefined ? {} : { lastGood: createLastGoodPolicy(options.cacheFile) }),
  });
  let stamp = '';
  const first = readNow(file);
  if (first.kind === 'unreadable') intake.fail(first.why);
  else {
    stamp = first.stamp;
    void intake.offer({ bytes: first.bytes, origin: file });
  }
  if (intake.holder.current().snapshot === undefined) intake.restore(file);

  const look = async (): Promise<void> => {
    const seen = await readLater(file, { known: stamp, now: options.now() });
    if (seen.kind === 'unreadable') return intake.fail(seen.why);
    if (seen.kind === 'same') return intake.repeat();
    stamp = seen.stamp;
    await intake.offer({ bytes: seen.bytes, origin: file });
  };
  const repeater = createRepeater(() => intake.guard(look), { everyMilliseconds: POLL_MILLISECONDS });
  const watcher = watchFolder(path.dirname(file), () => repeater.soon(SETTLE_MILLISECONDS));
  return sourceOf(intake.holder, {
    refresh: () => repeater.run(),
    close: async () => {
      watcher?.close();
      await repeater.close();
    },
  });
};

/** Undefined where nothing can be watched: polling is enough for two seconds. */
const watchFolder = (folder: string, changed: () => void): FSWatcher | undefined => {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
};

type Seen =
  | { readonly kind: 'read'; readonly bytes: Uint8Array; readonly stamp: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/** A pipe would hold up whoever opens it. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

const readNow = (file: string): Seen => {
  try {
    const descriptor = openSync(file, FLAGS);
    try {
      const status = fstatSync(descriptor, { bigint: true });
      const why = unusable(status);
      return why === undefined
        ? { kind: 'read', bytes: readFileSync(descriptor), stamp: stampOf(status) }
        : { kind: 'unreadable', why };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return unreadable(error);
  }
};

const readLater = async (
  file: string,
  { known, now }: { readonly known: string; readonly now: number },
): Promise<Seen | { readonly kind: 'same' }> => {
  try {
    const handle = await open(file, FLAGS);
    try {
      const status = await handle.stat({ bigint: true });
      const why = unusable(status);
      if (why !== undefined) return { kind: 'unreadable', why };
      const stamp = stampOf(status);
      const isYoung = now - Number(status.mtimeMs) < YOUNG_MILLISECONDS;
      return stamp === known && !isYoung ? { kind: 'same' } : { kind: 'read', bytes: await handle.readFile(), stamp };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return unreadable(error);
  }
};

const unusable = (status: BigIntStats): string | undefined => {
  if (!status.isFile()) return 'The policy is not a file.';
  return status.size > MAX_POLICY_BYTES
    ? `The policy has ${status.size} bytes; at most ${MAX_POLICY_BYTES} are read.`
    : undefined;
};

const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(' ');

const unreadable = (error: unknown): Seen => ({
  kind: 'unreadable',
  why: `The policy file cannot be read: ${messageOf(error)}.`,
});
