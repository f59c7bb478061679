-- Small readings of the current request, shared by the facts and the outcome. None of them raises.

local protocol = require "kong.plugins.mcp-guard.protocol"

local floor = math.floor
local pcall, tonumber, type = pcall, tonumber, type

local request = {}

function request.id()
  return ngx.var.kong_request_id or ""
end

-- Milliseconds since the epoch.
function request.started_at()
  return floor(ngx.req.start_time() * 1000 + 0.5)
end

-- As the client sent them: Kong's own getters normalise, and the server sees what the client sent.
function request.path_and_query()
  local uri = ngx.var.request_uri or ""
  local mark = uri:find("?", 1, true)
  if not mark then
    return uri, nil
  end
  return uri:sub(1, mark - 1), uri:sub(mark + 1)
end

local function id_of(getter)
  local ok, entity = pcall(getter)
  if ok and type(entity) == "table" and type(entity.id) == "string" then
    return entity.id
  end
end

function request.consumer_id()
  return id_of(kong.client.get_consumer)
end

function request.route_id()
  return id_of(kong.router.get_route)
end

function request.service_id()
  return id_of(kong.router.get_service)
end

function request.bytes()
  return tonumber(ngx.var.content_length) or kong.ctx.shared[protocol.REQUEST_BYTES] or 0
end

return request
