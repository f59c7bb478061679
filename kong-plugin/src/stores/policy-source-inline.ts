import type { Snapshot } from '../domain/snapshot/snapshot.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { PolicyHolder, sourceOf } from './policy-holder.ts';

/** A policy that stands in the plugin's own configuration: Kong brings its changes, so it is never old. */
export const createInlinePolicySource = (options: {
  readonly snapshot: Snapshot;
  readonly now: () => number;
}): PolicySource => {
  const holder = new PolicyHolder();
  holder.accept(options.snapshot, { now: options.now(), confirmedAt: Infinity });
  return sourceOf(holder, { refresh: () => Promise.resolve(), close: () => undefined });
};
