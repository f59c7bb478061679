import type { SnapshotSourceKind } from './observation.ts';

export interface Confirmed {
  readonly source: SnapshotSourceKind;
  readonly location: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** When each snapshot in force was last known to be the newest. */
export interface SnapshotAges {
  confirm(confirmed: Confirmed): void;
  /** Per source the age of its oldest snapshot. An inline one has none: Kong hands it over whole. */
  at(now: number): readonly { readonly source: SnapshotSourceKind; readonly ageSeconds: number }[];
}

/** Locations come from the configuration, not from clients; past the bound the ones not confirmed for longest are forgotten. */
const MAX_LOCATIONS = 1_000;

export const createSnapshotAges = (): SnapshotAges => {
  const confirmed = new Map<string, Confirmed>();
  return {
    confirm: (latest) => {
      const key = `${latest.source} ${latest.location}`;
      confirmed.delete(key);
      confirmed.set(key, latest);
      const [oldest] = confirmed.keys();
      if (confirmed.size > MAX_LOCATIONS && oldest !== undefined) confirmed.delete(oldest);
    },
    at: (now) => {
      const oldest = new Map<SnapshotSourceKind, number>();
      for (const { source, at } of confirmed.values())
        if (source !== 'inline') oldest.set(source, Math.min(oldest.get(source) ?? at, at));
      return [...oldest].map(([source, at]) => ({ source, ageSeconds: Math.max(0, now - at) / 1000 }));
    },
  };
};
