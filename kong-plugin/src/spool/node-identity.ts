import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { NODE_ID_PATTERN } from '../domain/records/invocation-event.ts';

/** Long enough to tell hosts apart, short enough for a file name with an epoch and a number behind it. */
const MAX_HOST_CHARACTERS = 48;

/**
 * The node's name where none is configured: that of the host and eight random digits, made once and kept, so that two
 * containers of one name are two nodes. Throws when the folder cannot be written.
 */
export const keptNodeId = (file: string, host: string = hostname()): string => {
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, `${hostPart(host)}-${randomBytes(4).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const nodeId = readFileSync(file, 'utf8').trim();
  if (!NODE_ID_PATTERN.test(nodeId))
    throw new Error(`${file} holds no node id; delete it, or set metering.node_id (letters, digits, . _ -)`);
  return nodeId;
};

const hostPart = (host: string): string =>
  host
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MAX_HOST_CHARACTERS) || 'node';

/** One run: milliseconds of its start, so that epochs sort by time, and 32 random bits. */
export const createEpoch = (now: number): string =>
  now.toString(16).padStart(12, '0').slice(-12) + randomBytes(4).toString('hex');
