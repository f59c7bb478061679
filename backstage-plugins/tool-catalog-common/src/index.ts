/**
 * What the tool catalog's frontend and backend agree on: resources of the API, states, permissions.
 *
 * @packageDocumentation
 */
export * from './annotations';
export * from './permissions';
export * from './subscriptionState';
export type * from './types';
export * from './usageGroupings';
