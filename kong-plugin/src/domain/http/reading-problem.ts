import type { Refusal } from '../refusal.ts';
import { failure } from '../result.ts';

/** Why a part of a request cannot be read. The reader adds `id` and `era`, in one place, to make it a `Refusal`. */
export type ReadingProblem = Omit<Refusal, 'id' | 'era'>;

export const unreadable = (
  reason: ReadingProblem['reason'],
  detail: string,
  extra: Omit<ReadingProblem, 'reason' | 'detail'> = {},
): { readonly ok: false; readonly error: ReadingProblem } => failure({ reason, detail, ...extra });

/** A piece of the request to show in a detail: quoted, escaped and cut, because a sender may put anything there. */
export const quoted = (text: string): string => JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
