import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '@msgpack/msgpack';
import type { EventMessage, PdkCall } from '../plugin-contract.ts';

/**
 * Wire transcripts of Kong Gateway 3.9.1 (DB-less, one worker) with kong-pdk 0.6.0's own plugin server, recorded by a proxy
 * on the socket. One line is one event of a connection or one message, with its raw bytes in `hex` (cut at 2,048).
 */
export interface RecordedMessage {
  readonly direction: 'kong->server' | 'server->kong';
  readonly message: readonly unknown[];
  /** The bytes on the wire; made from `message` where the recording was cut. */
  readonly bytes: Uint8Array;
}

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'transcripts');

export const transcriptNames: readonly string[] = fs
  .readdirSync(folder)
  .map((file) => path.parse(file).name)
  .sort();

export function readTranscript(name: string): readonly RecordedMessage[] {
  return readLines(name).flatMap((line) => {
    if (line.dir !== 'kong->server' && line.dir !== 'server->kong') return [];
    const message = fromRecorded(line.msg) as readonly unknown[];
    const complete = line.hex !== undefined && !line.hex.endsWith('...');
    const bytes = complete ? Buffer.from(line.hex, 'hex') : Buffer.from(encode(message));
    return [{ direction: line.dir, message, bytes }];
  });
}

/** What `--dump-all-plugins` printed. */
export const readDump = (): unknown => readLines('plugin-info')[0]?.json;

interface RecordedLine {
  readonly dir?: string;
  readonly msg?: unknown;
  readonly hex?: string;
  readonly json?: unknown;
}

const readLines = (name: string): readonly RecordedLine[] =>
  fs
    .readFileSync(path.join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine);

/** Undoes the recording's notation for what JSON cannot hold: `{"$bin": base64}`, `{"$float": 1.5}`. */
function fromRecorded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromRecorded);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bin' in value) return Buffer.from(String(value.$bin), 'base64');
  if ('$str' in value) return Buffer.from(String(value.$str), 'base64').toString('utf8');
  if ('$float' in value) return value.$float;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fromRecorded(field)]));
}

/** The PDK calls each recorded event made, in order of the events: the script for a plugin that does the same. */
export function scriptsOf(messages: readonly RecordedMessage[]): readonly (readonly PdkCall[])[] {
  const scripts = new Map<number, PdkCall[]>();
  for (const { direction, message } of messages) {
    const answer = message[3] as { readonly EventId?: number; readonly Data?: EventMessage } | null;
    if (direction !== 'server->kong' || answer?.EventId === undefined || answer.Data === undefined) continue;
    const script = scripts.get(answer.EventId) ?? [];
    scripts.set(answer.EventId, script);
    if (answer.Data !== 'ret') script.push(answer.Data);
  }
  return [...scripts.values()];
}
