-- What the JS plugin and the guard say to each other; the other half is src/host/guard-protocol.ts.

return {
  VERSION = 3,

  -- keys in kong.ctx.shared
  VERDICT = "mcp_verdict",
  FILTERED = "mcp_filtered",
  OUTCOME = "mcp_outcome",
  -- guard's own: what refuse() was told, and the size of the body that facts() read
  REFUSAL = "mcp_refusal",
  REQUEST_BYTES = "mcp_request_bytes",
}
