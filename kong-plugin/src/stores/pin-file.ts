import { Buffer } from 'node:buffer';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../domain/json/json-value.ts';
import { readJson } from '../domain/json/read-json.ts';
import type { PinnedTool, PinState } from '../domain/pins/pinned-tool.ts';
import { toolHash } from '../domain/pins/tool-hash.ts';
import { failure, success, type Result } from '../domain/result.ts';

/** Raised when an older version would misread the file. */
const FILE_VERSION = 1;

/** Definitions are at most 64 levels deep, and stand three levels down. */
const MAX_DEPTH = 72;

/** `corrupt`: no reader can use it. `newer`: written by a later version, which may be started again. */
export interface PinFileProblem {
  readonly kind: 'corrupt' | 'newer';
  readonly why: string;
}

/** What a write was: compared before the next one, to notice that another process wrote. */
export type FileIdentity = string;

export const identityOf = (status: {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
}): FileIdentity => `${status.dev}:${status.ino}:${status.mtimeNs}`;

/** An approved definition that is still current is written once. */
export const writePinText = (tools: readonly PinnedTool[]): string => {
  const lines = tools.map((tool) => {
    const { approvedDefinition, ...rest } = tool;
    const isCurrent = tool.approvedHash === tool.currentHash;
    return JSON.stringify(isCurrent || approvedDefinition === undefined ? rest : { ...rest, approvedDefinition });
  });
  return `{"version":${FILE_VERSION},"tools":[\n${lines.join(',\n')}\n]}\n`;
};

/** Reads the whole file or nothing: half of the approvals would look like all of them. */
export const readPinText = (bytes: Uint8Array): Result<readonly PinnedTool[], PinFileProblem> => {
  const read = readJson(bytes, { maxDepth: MAX_DEPTH });
  if (!read.ok) return corrupt(read.error.detail);
  const root = read.value.value;
  if (!isJsonObject(root)) return corrupt('it is not an object');
  const version = ownValue(root, 'version');
  if (typeof version === 'number' && version > FILE_VERSION)
    return failure({ kind: 'newer', why: `it has version ${version}, this program knows ${FILE_VERSION}` });
  const entries = ownValue(root, 'tools');
  if (version !== FILE_VERSION || !Array.isArray(entries)) return corrupt('it has no version 1 or no tools');
  const tools: PinnedTool[] = [];
  for (const [index, entry] of (entries as readonly JsonValue[]).entries()) {
    const tool = isJsonObject(entry) ? readTool(entry) : undefined;
    if (tool === undefined) return corrupt(`tool ${index} has a field that is missing, wrong or contradicts another`);
    tools.push(tool);
  }
  return success(tools);
};

const corrupt = (why: string): Result<never, PinFileProblem> => failure({ kind: 'corrupt', why });

const states: readonly PinState[] = ['new', 'approved', 'changed', 'withdrawn'];

const readTool = (entry: JsonObject): PinnedTool | undefined => {
  const [server, tool, state] = [ownValue(entry, 'server'), ownValue(entry, 'tool'), ownValue(entry, 'state')];
  const [currentHash, definition] = [ownValue(entry, 'currentHash'), ownValue(entry, 'definition')];
  const [warnings, firstSeenAt] = [ownValue(entry, 'warnings'), ownValue(entry, 'firstSeenAt')];
  const known = states.find((each) => each === state);
  if (typeof server !== 'string' || typeof tool !== 'string' || known === undefined) return undefined;
  if (!isHash(currentHash) || !fits(definition, currentHash)) return undefined;
  if (!isTexts(warnings) || typeof firstSeenAt !== 'number') return undefined;
  const optional = readOptional(entry, { currentHash, definition });
  if (optional === undefined) return undefined;
  const read = { server, tool, state: known, currentHash, definition, warnings, firstSeenAt, ...optional };
  return isConsistent(read) ? read : undefined;
};

type Optional = Pick<PinnedTool, 'approvedHash' | 'approvedDefinition' | 'changedAt' | 'approvedAt' | 'seenBy'>;

const readOptional = (
  entry: JsonObject,
  { currentHash, definition }: Pick<PinnedTool, 'currentHash' | 'definition'>,
): Optional | undefined => {
  const [approvedHash, seenBy] = [ownValue(entry, 'approvedHash'), ownValue(entry, 'seenBy')];
  const [changedAt, approvedAt] = [ownValue(entry, 'changedAt'), ownValue(entry, 'approvedAt')];
  if (approvedHash !== undefined && !isHash(approvedHash)) return undefined;
  if (seenBy !== undefined && typeof seenBy !== 'string') return undefined;
  if (!isTime(changedAt) || !isTime(approvedAt)) return undefined;
  const approvedDefinition = approvedHash === currentHash ? definition : ownValue(entry, 'approvedDefinition');
  if (approvedHash !== undefined && !fits(approvedDefinition, approvedHash)) return undefined;
  return {
    ...(approvedHash === undefined ? {} : { approvedHash }),
    ...(approvedHash === undefined || approvedDefinition === undefined ? {} : { approvedDefinition }),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(approvedAt === undefined ? {} : { approvedAt }),
    ...(seenBy === undefined ? {} : { seenBy }),
  };
};

const isHash = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** A definition that is kept is the one that its hash names. */
const fits = (definition: JsonValue | undefined, hash: string): definition is JsonValue =>
  definition === null || (definition !== undefined && toolHash(definition) === hash);

const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isTime = (value: JsonValue | undefined): value is number | undefined =>
  value === undefined || typeof value === 'number';

/** The state follows from the hashes; a file in which it does not was written by nobody we know. */
const isConsistent = ({ state, approvedHash, currentHash }: PinnedTool): boolean => {
  if (state === 'withdrawn') return true;
  if (approvedHash === undefined) return state === 'new';
  return state === (approvedHash === currentHash ? 'approved' : 'changed');
};

/**
 * Replaces the file in one step: a crash at any moment leaves the old or the new one whole. Only the owner may read it,
 * since definitions can name what a company does. Answers with the new file's identity.
 */
export const replaceFile = async (file: string, text: string): Promise<FileIdentity> => {
  const folder = path.dirname(file);
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  let identity: FileIdentity;
  try {
    await handle.writeFile(Buffer.from(text));
    await handle.sync();
    identity = identityOf(await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(folder);
  return identity;
};

/** The rename itself is only kept once the folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
