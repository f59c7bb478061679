import type { Services } from './services';

/** Ends subscriptions and keys whose time is over, and tries again what Kong did not take before. */
export const sweep = async ({ applications, keys, subscriptions, now }: Services): Promise<void> => {
  for (const id of await subscriptions.due(now()))
    await subscriptions.transition({ id, action: 'expire', actor: 'tool-catalog', now: now() });
  const all = await applications.all();
  await keys.sweep(new Map(all.map((application) => [application.id, application])));
};
