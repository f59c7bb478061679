import path from 'node:path';
import type { RecordSink } from '../ports/record-sink.ts';
import type { TaskOwners } from '../ports/task-owners.ts';
import { createFileRecordSink } from '../stores/file-record-sink.ts';
import { createMemoryTaskOwners } from '../stores/memory-task-owners.ts';
import { nodeSessionKey } from './node-session-key.ts';

/** What all plugin instances of one plugin server share. */
export interface PluginResources {
  /** The node's own session key, for instances without a configured secret. */
  sessionKey(): string;
  /** The sink for a records file, relative paths below the Kong prefix; one per file. */
  recordSink(file: string): RecordSink;
  readonly taskOwners: TaskOwners;
  readonly log: (event: {
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly [key: string]: unknown;
  }) => void;
  readonly now: () => number;
  close(): Promise<void>;
}

export const createPluginResources = (options: {
  readonly prefix: string;
  readonly log: PluginResources['log'];
}): PluginResources => {
  const sinks = new Map<string, RecordSink>();
  let key: string | undefined;
  return {
    sessionKey: () => (key ??= nodeSessionKey(options.prefix)),
    recordSink: (file) => {
      const absolute = path.resolve(options.prefix, file);
      const sink = sinks.get(absolute) ?? createFileRecordSink({ file: absolute });
      sinks.set(absolute, sink);
      return sink;
    },
    taskOwners: createMemoryTaskOwners({ now: Date.now }),
    log: options.log,
    now: Date.now,
    close: async () => {
      await Promise.all([...sinks.values()].map((sink) => sink.close()));
    },
  };
};
