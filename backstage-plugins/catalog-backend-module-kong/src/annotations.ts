/** Annotations of the entities that come from Kong. */
export const annotations = {
  /** Id of the provider in `catalog.providers.kong`: which Kong it came from. */
  instance: 'mcp-governance/kong-instance',
  service: 'mcp-governance/kong-service',
  serviceId: 'mcp-governance/kong-service-id',
  /** Name of the server in rules, records and invoices. */
  server: 'mcp-governance/server',
  /** `ok`; or `stale`: what is shown is what was seen last; or `unknown`: it was never seen. */
  state: 'mcp-governance/state',
  stateReason: 'mcp-governance/state-reason',
} as const;
