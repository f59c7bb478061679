import { readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Sighting } from '../domain/pins/pin-observer.ts';
import type { PinnedTool, PinState } from '../domain/pins/pinned-tool.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { PinHealth, PinStore } from '../ports/pin-store.ts';
import { MemoryPinStore } from './memory-pin-store.ts';
import {
  identityOf,
  readPinText,
  replaceFile,
  writePinText,
  type FileIdentity,
  type PinFileProblem,
} from './pin-file.ts';

export interface FilePinStoreOptions {
  readonly file: string;
  /** Milliseconds since the epoch. Only names the files that are kept aside. */
  readonly now: () => number;
  /** What the operator must see: a lost history, a disk that refuses. */
  readonly onProblem: (message: string) => void;
  /** Changes within this time go to the disk in one write; a server that changes at every list costs one a second. */
  readonly writeDelayMs?: number;
}

/** Far more than the limits of the memory store let a dozen servers fill. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Pins of one node in one JSON file, written whole and put in place by a rename.
 *
 * - Approvals are on the disk before `approve` resolves. Sightings follow within `writeDelayMs`: a crash forgets at most
 *   those, and the next list shows them again.
 * - A corrupt file is kept beside it under another name. While such a file lies there the history counts as lost, also
 *   after further restarts: that ends when an operator restores or removes it.
 * - A file that cannot be read, or is of a later version, is never overwritten.
 * - One process writes at a time. While an old and a new one overlap (a reload of Kong), each merges what the other wrote
 *   before it writes. Two writes within the same milliseconds may lose one of them: a sighting is seen again, an
 *   approval has to be repeated; neither approves anything that nobody approved.
 */
export class FilePinStore implements PinStore {
  readonly #options: FilePinStoreOptions;
  readonly #pins = new MemoryPinStore();
  /** Undefined: no file. */
  #identity: FileIdentity | undefined;
  #savedRevision: number;
  #lost: string | undefined;
  #isReadOnly = false;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;

  constructor(options: FilePinStoreOptions) {
    this.#options = options;
    this.#load();
    this.#savedRevision = this.#pins.revision;
  }

  observe(server: string, sighting: Sighting, now: number): readonly PinnedTool[] {
    const changed = this.#pins.observe(server, sighting, now);
    this.#saveLater();
    return changed;
  }

  stateOf(server: string, tool: string): PinState | undefined {
    return this.#pins.stateOf(server, tool);
  }

  find(server: string, tool: string): PinnedTool | undefined {
    return this.#pins.find(server, tool);
  }

  list(server?: string): readonly PinnedTool[] {
    return this.#pins.list(server);
  }

  async approve(server: string, tool: string, hash: string, now: number): Promise<boolean> {
    const previous = this.#pins.find(server, tool);
    if (previous === undefined || !(await this.#pins.approve(server, tool, hash, now))) return false;
    try {
      await this.#flush();
      return true;
    } catch (error) {
      // An approval that a restart would forget is none.
      this.#pins.undoApproval(previous, hash);
      throw error;
    }
  }

  health(): PinHealth {
    const why = [this.#lost, this.#problem].filter((each) => each !== undefined).join('; ');
    return why === '' ? { ok: true } : { ok: false, why, historyLost: this.#lost !== undefined };
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // A file that must not be overwritten was reported when it was found.
    if (!this.#isReadOnly) await this.#flush();
  }

  #load(): void {
    const { file } = this.#options;
    const read = readPinFile(file);
    if (read.ok) {
      this.#identity = read.value?.identity;
      this.#pins.merge(read.value?.tools ?? []);
    } else if (read.error.kind === 'corrupt') {
      this.#keepAside(read.error.why);
    } else {
      this.#isReadOnly = true;
      this.#loseHistory(`${file} cannot be used and is not overwritten: ${read.error.why}`);
    }
    const aside = keptAside(file);
    if (aside !== undefined && this.#lost === undefined)
      this.#loseHistory(
        `the pins were lost; restore or remove ${aside} once the tools are approved again, then restart`,
      );
  }

  #keepAside(why: string): void {
    const { file, now } = this.#options;
    const aside = `${file}.corrupt-${now()}`;
    try {
      renameSync(file, aside);
      this.#loseHistory(`${file} is corrupt (${why}) and was kept as ${aside}: every tool is new again`);
    } catch (error) {
      this.#isReadOnly = true;
      this.#loseHistory(`${file} is corrupt (${why}) and cannot be kept aside: ${messageOf(error)}`);
    }
  }

  #loseHistory(why: string): void {
    this.#lost = why;
    this.#options.onProblem(`tool pins: ${why}. Unapproved tools of servers that quarantine are refused`);
  }

  #saveLater(): void {
    if (this.#isReadOnly || this.#timer !== undefined || this.#pins.revision === this.#savedRevision) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush().catch(() => this.#saveLater());
    }, this.#options.writeDelayMs ?? 1_000);
    // A process that wants to end is not kept by this; `close` writes what is left.
    this.#timer.unref();
  }

  async #flush(): Promise<void> {
    const target = this.#pins.revision;
    while (this.#savedRevision < target) {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined;
      });
      await this.#saving;
    }
  }

  async #save(): Promise<void> {
    try {
      if (this.#isReadOnly) throw new Error(this.#lost ?? 'the file is not writable');
      this.#mergeFile();
      const { revision } = this.#pins;
      this.#identity = await replaceFile(this.#options.file, writePinText(this.#pins.kept()));
      this.#savedRevision = revision;
      this.#problem = undefined;
    } catch (error) {
      const problem = `${this.#options.file} cannot be written: ${messageOf(error)}`;
      if (problem !== this.#problem) this.#options.onProblem(`tool pins: ${problem}`);
      this.#problem = problem;
      throw error;
    }
  }

  /** Another process wrote since: what it knows is kept. A file that it spoilt is replaced. */
  #mergeFile(): void {
    const { file } = this.#options;
    if (identityAt(file) === this.#identity) return;
    const read = readPinFile(file);
    if (read.ok) this.#pins.merge(read.value?.tools ?? []);
    else if (read.error.kind !== 'corrupt') throw new Error(read.error.why);
  }
}

interface PinFile {
  readonly tools: readonly PinnedTool[];
  readonly identity: FileIdentity;
}

type FileProblem = PinFileProblem | { readonly kind: 'unreadable'; readonly why: string };

/** Undefined when there is no file: nothing was ever seen. */
const readPinFile = (file: string): Result<PinFile | undefined, FileProblem> => {
  try {
    const status = statSync(file, { bigint: true });
    if (status.size > MAX_FILE_BYTES)
      return failure({ kind: 'unreadable', why: `it is larger than ${MAX_FILE_BYTES} bytes` });
    const tools = readPinText(readFileSync(file));
    return tools.ok ? success({ tools: tools.value, identity: identityOf(status) }) : tools;
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isAbsent ? success(undefined) : failure({ kind: 'unreadable', why: messageOf(error) });
  }
};

const identityAt = (file: string): FileIdentity | undefined => {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : identityOf(status);
};

const keptAside = (file: string): string | undefined => {
  try {
    return readdirSync(path.dirname(file)).find((name) => name.startsWith(`${path.basename(file)}.corrupt-`));
  } catch {
    // No folder, nothing kept in it.
    return undefined;
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
