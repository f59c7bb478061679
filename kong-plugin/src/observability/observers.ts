import type { Observation, ObservationKind, ObservationOf, Observe } from './observation.ts';

/** One function per kind of observation: a kind that nobody thought about does not compile. */
export type Handlers = { readonly [Kind in ObservationKind]: (observation: ObservationOf<Kind>) => void };

/** Hands each observation to the function of its kind. */
export const observeWith =
  (handlers: Handlers): Observe =>
  (observation) => {
    // The key and the parameter come from the same observation, which TypeScript cannot see.
    const handle = handlers[observation.kind] as (observation: Observation) => void;
    handle(observation);
  };

/**
 * Several observers as one. One that throws is reported and the others still see the observation: a full disk under the log
 * must not refuse a call.
 */
export const combineObservers =
  (observers: readonly Observe[], onFailure: (error: unknown, observation: Observation) => void): Observe =>
  (observation) => {
    for (const observe of observers) {
      try {
        observe(observation);
      } catch (error) {
        onFailure(error, observation);
      }
    }
  };
