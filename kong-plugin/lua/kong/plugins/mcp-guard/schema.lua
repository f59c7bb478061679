local typedefs = require "kong.db.schema.typedefs"

return {
  name = "mcp-guard",
  fields = {
    -- One consumer's guard would leave the others on the same route unguarded.
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    {
      config = {
        type = "record",
        fields = {
          {
            scan_limit_bytes = {
              description = "How much of a response the guard keeps in memory to find the answer to a call, in bytes. "
                .. "A longer JSON answer or a longer event passes, but its outcome is recorded as unknown.",
              type = "integer",
              required = true,
              default = 1048576,
              between = { 1024, 16777216 },
            },
          },
          {
            log_refusals = {
              description = "Writes one line of JSON to Kong's error log for each request that the guard refuses. "
                .. "While the plugin server is away it is the only trace of such a request.",
              type = "boolean",
              required = true,
              default = true,
            },
          },
          {
            log_records = {
              description = "Gives Kong's own log plugins (file-log, http-log, ...) the whole record of a call, arguments as "
                .. "redacted as in the record file, so that it can be recovered from their logs. Without it they get the outcome.",
              type = "boolean",
              required = true,
              default = true,
            },
          },
        },
      },
    },
  },
}
