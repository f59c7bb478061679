import type { ApplicationRecord } from '../database/ApplicationStore';

/** The consumer of an application in Kong: the gateway's plugin reads tenant and application from its tags. */
export const wantedConsumer = ({
  id,
  team,
  tenant,
  consumer,
}: ApplicationRecord): { readonly username: string; readonly tags: readonly string[] } => ({
  username: consumer,
  tags: [`tenant:${tenant}`, `application:${id}`, `team:${nameOf(team)}`],
});

/** `group:default/support` -> `support`: Kong's tags take no slash (kong/db/schema/typedefs.lua, tag). */
const nameOf = (ref: string): string => ref.split('/').at(-1) ?? ref;
