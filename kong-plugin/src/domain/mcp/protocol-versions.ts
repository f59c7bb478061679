/** The first modern revision (per-request `_meta`, no sessions), and so far the only one. */
export const MODERN_VERSION = '2026-07-28';

export const modernVersions: readonly string[] = [MODERN_VERSION];

/** Revisions with `initialize`. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** Revisions are dates, so that later ones compare greater. */
export const isModernVersion = (version: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= MODERN_VERSION;
