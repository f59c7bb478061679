-- How an access phase of mcp-governance ends, whichever way the plugin server was asked.

local protocol = require "kong.plugins.mcp-guard.protocol"
local verdict = require "kong.plugins.mcp-guard.verdict"

local type = type

local ending = {}

-- Leaves the verdict, and the admission beside it, which is only handed on.
function ending.admit(text, admission)
  local found = type(text) == "string" and verdict.read(text) or nil
  if found then
    found.admission = admission
  end
  ngx.ctx[protocol.VERDICT] = found
end

-- Notes the refusal for the outcome and ends the request; never answers.
function ending.refuse(status, body, headers, admission)
  ngx.ctx[protocol.REFUSAL] = {
    status = status,
    admission = type(admission) == "string" and admission or nil,
  }
  return kong.response.exit(status, body, headers)
end

return ending
