import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { failure, success, type Result } from '../domain/result.ts';

/** What a bundle holds for this gateway. */
export interface OpaBundle {
  readonly wasm: Uint8Array;
  /** JSON of the data document, not read yet. */
  readonly data: Uint8Array;
}

/** A module has some 350 KB; data that needs more than this belongs to an OPA server. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
const BLOCK_BYTES = 512;

const unzip = promisify(gunzip);

/**
 * Reads what `opa build -t wasm` writes: a gzipped tar archive with `policy.wasm` and one `data.json` at its root. A bundle
 * that says something else as well is refused, because a policy without a part of its data is another policy.
 */
export const readOpaBundle = async (packed: Uint8Array): Promise<Result<OpaBundle, string>> => {
  const files = readArchive(await unpack(packed));
  if (!files.ok) return files;
  const strange = [...files.value.keys()].find((name) => isStrange(name));
  if (strange !== undefined)
    return failure(`the bundle holds ${strange}: make it with opa build -t wasm, which merges data`);
  const wasm = files.value.get('policy.wasm');
  if (wasm === undefined) return failure('the bundle holds no policy.wasm: make it with opa build -t wasm');
  return success({ wasm, data: files.value.get('data.json') ?? Buffer.from('{}') });
};

/** Data in another place or form, a second module, or a delta that needs the bundle before it. */
const isStrange = (name: string): boolean =>
  name !== 'data.json' && name !== 'policy.wasm' && /(^|\/)(data\.(json|ya?ml)|patch\.json)$|\.wasm$/.test(name);

const unpack = async (packed: Uint8Array): Promise<Result<Buffer, string>> => {
  try {
    return success(await unzip(packed, { maxOutputLength: MAX_UNPACKED_BYTES }));
  } catch (error) {
    return failure(`the bundle cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Regular files by name, without the slash or dot in front of it. */
const readArchive = (unpacked: Result<Buffer, string>): Result<ReadonlyMap<string, Buffer>, string> => {
  if (!unpacked.ok) return unpacked;
  const archive = unpacked.value;
  const files = new Map<string, Buffer>();
  let at = 0;
  while (at + BLOCK_BYTES <= archive.length) {
    const header = archive.subarray(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return success(files);
    const bytes = sizeOf(header);
    const from = at + BLOCK_BYTES;
    if (bytes === undefined || from + bytes > archive.length)
      return failure('the bundle is no tar archive, or cut off');
    const name = nameOf(header);
    if (isFile(header) && files.has(name)) return failure(`the bundle holds ${name} twice`);
    if (isFile(header)) files.set(name, archive.subarray(from, from + bytes));
    at = from + Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return failure('the bundle is cut off');
};

const isFile = (header: Buffer): boolean => header[156] === 0x30 || header[156] === 0;

/** Undefined when the header's check sum is wrong. Sizes beyond 8 GiB are written in a form that is not octal. */
const sizeOf = (header: Buffer): number | undefined => {
  const blank = Buffer.from(header).fill(0x20, 148, 156);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  const size = textAt(header, 124, 12).trim();
  if (Number.parseInt(textAt(header, 148, 8), 8) !== sum || !/^[0-7]+$/.test(size)) return undefined;
  return Number.parseInt(size, 8);
};

const nameOf = (header: Buffer): string => {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
  const name = prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`;
  return name.replace(/^(?:\.?\/)+/, '');
};

const textAt = (header: Buffer, from: number, bytes: number): string => {
  const field = header.subarray(from, from + bytes);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? bytes : end);
};
