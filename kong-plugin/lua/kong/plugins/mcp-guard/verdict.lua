-- The JS plugin's verdict: does it fit this request, and what it wants done to it.

local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

local ipairs, pairs, type = ipairs, pairs, type

local TYPES = {
  consumer = "string",
  scope = "string",
  scope_id = "string",
  request_id = "string",
  filter = "boolean",
  kind = "string",
  clear_headers = "table",
  set_headers = "table",
  admission = "string",
}

local OPTIONAL_TYPES = {
  response_headers = { table = true },
  query = { string = true },
  session_key = { string = true },
  id = { string = true, number = true },
  has_lease = { boolean = true },
}

local function is_well_formed(verdict)
  if type(verdict) ~= "table" or verdict.v ~= protocol.VERSION then
    return false
  end
  for name, wanted in pairs(TYPES) do
    if type(verdict[name]) ~= wanted then
      return false
    end
  end
  for name, wanted in pairs(OPTIONAL_TYPES) do
    if verdict[name] ~= nil and not wanted[type(verdict[name])] then
      return false
    end
  end
  return true
end

-- After a restart of the plugin server Kong may run another route's instance (facts: 34 of some 10,000 requests).
local function fits_scope(verdict)
  local scope, id = verdict.scope, verdict.scope_id
  if scope == "global" then
    return true
  elseif scope == "route" then
    return id == request.route_id()
  elseif scope == "service" then
    return id == request.service_id()
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
  elseif candidate.request_id ~= request.id() then
    return "wrong_request"
  end
end

function verdict.apply(accepted)
  local upstream = kong.service.request
  for _, name in ipairs(accepted.clear_headers) do
    upstream.clear_header(name)
  end
  for name, value in pairs(accepted.set_headers) do
    upstream.set_header(name, value)
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
