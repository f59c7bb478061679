-- The guard's own refusals.

local cjson = require "cjson.safe"
local request = require "kong.plugins.mcp-guard.request"

-- nginx cuts a log line at 4,096 bytes (2,048 without OpenResty's patch).
local MAX_LOGGED_PATH_BYTES = 512

local UNAVAILABLE = '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":'
  .. '"Governance is unavailable: the request was refused. Retry later."}}'
local UPGRADE = '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":'
  .. '"Connection upgrades are not accepted here."}}'

local refusal = {
  BODY = UNAVAILABLE,
}

-- The only trace of the request while the plugin server is away. No header, no query: they may carry credentials.
local function log(why, status)
  local fixed = request.fixed()
  kong.log.err(cjson.encode({
    event = "mcp_guard_refused",
    why = why,
    status = status,
    request_id = fixed.id,
    started_at = fixed.started_at,
    consumer = request.consumer_id(),
    route = fixed.route_id,
    service = fixed.service_id,
    method = kong.request.get_method(),
    path = fixed.path:sub(1, MAX_LOGGED_PATH_BYTES):gsub("[^\32-\126]", "?"),
  }))
end

-- Ends the request.
function refusal.exit(why, is_logged)
  local status, body = 503, UNAVAILABLE
  local headers = { ["Content-Type"] = "application/json", ["Retry-After"] = "1" }
  if why == "upgrade" then
    status, body, headers["Retry-After"] = 400, UPGRADE, nil
  end
  if is_logged then
    pcall(log, why, status)
  end
  return kong.response.exit(status, body, headers)
end

return refusal
