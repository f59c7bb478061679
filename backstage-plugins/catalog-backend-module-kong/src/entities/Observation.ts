/** What was seen of something live; or what was seen last, and why not now; or nothing yet, and why. */
export type Observation<Value> =
  | { readonly state: 'ok'; readonly value: Value }
  | { readonly state: 'stale'; readonly value: Value; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** As annotations carry it; the reason is short, and the same as long as the state is. */
export interface ObservedState {
  readonly state: Observation<unknown>['state'];
  readonly reason?: string;
}

export const stateOf = (observation: Observation<unknown>): ObservedState =>
  observation.state === 'ok' ? { state: 'ok' } : { state: observation.state, reason: observation.reason };
