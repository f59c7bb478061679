-- What the JS plugin and the guard say to each other; the other half is src/host/guard-protocol.ts.

return {
  VERSION = 6,

  -- key in kong.ctx.shared, for the plugin server to set
  FILTERED = "mcp_filtered",

  -- keys in ngx.ctx, where kong.ctx would look them up: what admit() and refuse() were told, what the guard knows by then,
  -- and what it has read of the request
  VERDICT = "mcp_guard_verdict",
  REFUSAL = "mcp_guard_refusal",
  STATE = "mcp_guard_state",
  REQUEST = "mcp_guard_request",

  -- kinds of an answer to the guard
  ADMIT = 1,
  REFUSE = 2,
  EXIT = 3,
  ASK = 4,
  NO_INSTANCE = 5,
  FAILED = 6,
  TAKEN = 7,
}
