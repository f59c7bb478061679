import { open as openFile, type FileHandle } from 'node:fs/promises';
import type { OpenFile } from '../directory.ts';

type Step = 'open' | 'write' | 'sync' | 'syncDirectory';

export interface FaultyDisk {
  readonly open: OpenFile;
  /** What is done to segments, in order; the files that they were done to by number of their opening. */
  readonly done: readonly { readonly step: Step; readonly handle: number; readonly bytes: number }[];
  /** From now on the steps fail with the error's code; undefined mends the disk. */
  fail(fault: Fault | undefined): void;
  /** The next write of a segment or sync waits until it is let go. */
  hold(): () => void;
}

export interface Fault {
  readonly code: 'ENOSPC' | 'EIO' | 'EROFS';
  readonly steps: readonly Step[];
  /** Bytes that a failing write writes all the same. */
  readonly partial?: number;
}

/** The real disk, until it is told to fail. Only segments and folders fail; the file of unrecorded calls has its own room. */
export const faultyDisk = (): FaultyDisk => {
  const done: { step: Step; handle: number; bytes: number }[] = [];
  let fault: Fault | undefined;
  let held: Promise<void> | undefined;
  let handles = 0;
  const meet = (step: Step): void => {
    if (fault?.steps.includes(step) === true)
      throw Object.assign(new Error(`${fault.code}: from the test, ${step}`), { code: fault.code });
  };
  const open: OpenFile = async (file, flags, mode) => {
    const name = String(file);
    if (name.endsWith('.unrecorded')) return openFile(file, flags, mode);
    if (flags === 'r') return withFaults(await openFile(file, flags, mode), 'syncDirectory', 0);
    meet('open');
    handles += 1;
    return withFaults(await openFile(file, flags, mode), 'sync', handles);
  };
  const withFaults = (handle: FileHandle, syncStep: Step, number: number): FileHandle => {
    const write = handle.write.bind(handle) as (
      bytes: Buffer,
      offset: number,
      length: number,
    ) => Promise<{ bytesWritten: number }>;
    const datasync = handle.datasync.bind(handle);
    const sync = handle.sync.bind(handle);
    return Object.assign(handle, {
      write: (async (bytes: Buffer, offset: number, length: number) => {
        await held;
        done.push({ step: 'write', handle: number, bytes: length });
        if (fault?.steps.includes('write') === true && (fault.partial ?? 0) > 0)
          await write(bytes, offset, Math.min(length, fault.partial ?? 0));
        meet('write');
        return write(bytes, offset, length);
      }) as unknown as FileHandle['write'],
      datasync: async () => {
        await held;
        done.push({ step: syncStep, handle: number, bytes: 0 });
        meet(syncStep);
        await datasync();
      },
      sync: async () => {
        meet(syncStep);
        await sync();
      },
    });
  };
  return {
    open,
    done,
    fail: (next) => {
      fault = next;
    },
    hold: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = () => {
          held = undefined;
          resolve();
        };
      });
      return () => release();
    },
  };
};
