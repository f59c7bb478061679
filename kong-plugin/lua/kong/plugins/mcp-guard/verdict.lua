-- The JS plugin's verdict: does it fit this request, and what it wants done to it.

local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

local ipairs, pairs, type = ipairs, pairs, type

local function is_optional(value, wanted)
  return value == nil or type(value) == wanted
end

-- Written out: in a loop over names and types LuaJIT gives up, and every request would be interpreted here.
local function has_its_fields(verdict)
  return verdict.v == protocol.VERSION
    and type(verdict.consumer) == "string"
    and type(verdict.scope) == "string"
    and type(verdict.scope_id) == "string"
    and type(verdict.request_id) == "string"
    and type(verdict.filter) == "boolean"
    and type(verdict.kind) == "string"
    and type(verdict.clear_headers) == "table"
    and type(verdict.admission) == "string"
    and is_optional(verdict.set_headers, "table")
    and is_optional(verdict.response_headers, "table")
    and is_optional(verdict.query, "string")
    and is_optional(verdict.session_key, "string")
    and is_optional(verdict.has_lease, "boolean")
    and (is_optional(verdict.id, "string") or type(verdict.id) == "number")
end

local function is_well_formed(verdict)
  return type(verdict) == "table" and has_its_fields(verdict)
end

-- After a restart of the plugin server Kong may run another route's instance (facts: 34 of some 10,000 requests).
local function fits_scope(verdict)
  local scope, id = verdict.scope, verdict.scope_id
  if scope == "global" then
    return true
  elseif scope == "route" then
    return id == request.fixed().route_id
  elseif scope == "service" then
    return id == request.fixed().service_id
  elseif scope == "consumer" then
    return id == request.consumer_id()
  end
  return false
end

local verdict = {}

-- Why the verdict may not be acted on; nil when it fits.
function verdict.problem(candidate)
  if not is_well_formed(candidate) then
    return "no_verdict"
  elseif candidate.consumer ~= (request.consumer_id() or "") then
    return "wrong_consumer"
  elseif not fits_scope(candidate) then
    return "wrong_scope"
  elseif candidate.request_id ~= request.fixed().id then
    return "wrong_request"
  end
end

function verdict.apply(accepted)
  local upstream = kong.service.request
  for _, name in ipairs(accepted.clear_headers) do
    upstream.clear_header(name)
  end
  if accepted.set_headers then
    for name, value in pairs(accepted.set_headers) do
      upstream.set_header(name, value)
    end
  end
  if accepted.query then
    upstream.set_raw_query(accepted.query)
  end
  if accepted.id ~= nil or accepted.filter then
    -- An encoded answer can be neither filtered nor scanned.
    upstream.clear_header("accept-encoding")
  end
  if not accepted.filter then
    -- The JS class has a response method, so Kong would buffer every answer; calls must stream.
    ngx.ctx.buffered_proxying = nil
  end
end

return verdict
