-- Small readings of the current request, shared by the facts and the outcome. None of them raises.

local protocol = require "kong.plugins.mcp-guard.protocol"

local floor = math.floor
local pcall, tonumber, type = pcall, tonumber, type

local request = {}

-- As the client sent them: Kong's own getters normalise, and the server sees what the client sent.
local function path_and_query()
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

local function read()
  local path, query = path_and_query()
  return {
    id = ngx.var.kong_request_id or "",
    -- Milliseconds since the epoch.
    started_at = floor(ngx.req.start_time() * 1000 + 0.5),
    path = path,
    query = query,
    route_id = id_of(kong.router.get_route),
    service_id = id_of(kong.router.get_service),
  }
end

-- What stays the same from the access phase on, read once.
function request.fixed()
  local context = ngx.ctx
  local fixed = context[protocol.REQUEST]
  if not fixed then
    fixed = read()
    context[protocol.REQUEST] = fixed
  end
  return fixed
end

function request.consumer_id()
  return id_of(kong.client.get_consumer)
end

function request.bytes()
  return tonumber(ngx.var.content_length) or request.fixed().body_bytes or 0
end

return request
