-- How an access phase of mcp-governance ends, whichever way the plugin server was asked.

local framed = require "kong.plugins.mcp-guard.framed"
local protocol = require "kong.plugins.mcp-guard.protocol"

local type = type

local ending = {}

-- Leaves the verdict: framed JSON, and the admission beside it, which is only handed on.
function ending.admit(text, admission)
  local verdict = framed.decode(text)
  if type(verdict) == "table" then
    verdict.admission = admission
  end
  ngx.ctx[protocol.VERDICT] = verdict
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
