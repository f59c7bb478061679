import { Buffer } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isJsonObject, type JsonValue } from '../domain/json/json-value.ts';
import { MAX_POLICY_BYTES } from './policy-limits.ts';

/** A document that was in force, and what is needed to trust it again. */
export interface KeptPolicy {
  readonly bytes: Uint8Array;
  /** Names where it came from: a copy of another place is not used. */
  readonly origin: string;
  readonly etag?: string;
  readonly signature?: string;
}

export interface LastGoodPolicy {
  /** Undefined when there is none, or none that can be read. */
  load(now: number): { readonly policy: KeptPolicy; readonly confirmedAt: number } | undefined;
  save(policy: KeptPolicy): Promise<void>;
  /** The copy is still what the source offers. */
  confirm(now: number): Promise<void>;
}

const LINE_FEED = 10;
const MAX_HEADER_BYTES = 65_536;

/**
 * One file: a line of JSON, then the document byte for byte, so that its signature can be checked again. Replaced as a
 * whole, never written in place; its time is when it was last confirmed. It is as secret as the policy: mode 600.
 */
export const createLastGoodPolicy = (file: string): LastGoodPolicy => ({
  load: (now) => {
    try {
      const { size, mtimeMs } = statSync(file);
      if (size > MAX_POLICY_BYTES + MAX_HEADER_BYTES) return undefined;
      const policy = unpack(readFileSync(file));
      return policy === undefined ? undefined : { policy, confirmedAt: Math.min(now, mtimeMs) };
    } catch {
      return undefined;
    }
  },
  save: async (policy) => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}.tmp`;
    try {
      await writeFile(draft, pack(policy), { mode: 0o600 });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  },
  confirm: (now) => utimes(file, now / 1000, now / 1000),
});

const pack = ({ bytes, ...header }: KeptPolicy): Uint8Array =>
  Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]);

const unpack = (content: Buffer): KeptPolicy | undefined => {
  const end = content.indexOf(LINE_FEED);
  if (end < 0) return undefined;
  const header = JSON.parse(content.toString('utf8', 0, end)) as JsonValue;
  if (!isJsonObject(header) || typeof header['origin'] !== 'string') return undefined;
  const { origin, etag, signature } = header;
  return {
    bytes: content.subarray(end + 1),
    origin,
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof signature === 'string' ? { signature } : {}),
  };
};
