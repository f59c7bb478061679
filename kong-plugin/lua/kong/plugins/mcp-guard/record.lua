-- What became of a request, for the plugin server and for Kong's log plugins (`GuardOutcome` in src/host/guard-protocol.ts).

local cjson = require "cjson.safe"
local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

local floor, max, format, concat = math.floor, math.max, string.format, table.concat
local type = type

local function milliseconds(value)
  if type(value) == "number" and value >= 0 then
    return floor(value + 0.5)
  end
end

local function escaped(character)
  return format("%%%02X", character:byte())
end

-- A client may send bytes that are no UTF-8; whoever reads the record expects text.
local function printable(path)
  if not path:find("[\128-\255]") then
    return path
  end
  return (path:gsub("[\128-\255]", escaped))
end

local function elapsed()
  return max(0, floor((ngx.now() - ngx.req.start_time()) * 1000 + 0.5))
end

local record = {}

-- `found` is what the head told: outcome, why, code, task_id.
function record.new(exchange, found)
  local fixed = request.fixed()
  return {
    v = protocol.VERSION,
    request_id = fixed.id,
    started_at = fixed.started_at,
    client_ip = kong.client.get_forwarded_ip(),
    method = kong.request.get_method(),
    path = printable(fixed.path),
    status = exchange.status,
    upstream_status = exchange.upstream_status,
    request_bytes = request.bytes(),
    response_bytes = 0,
    latency = {
      kong = milliseconds(ngx.ctx.KONG_PROXY_LATENCY),
      upstream = milliseconds(ngx.ctx.KONG_WAITING_TIME),
      total = elapsed(),
    },
    consumer = request.consumer_id(),
    route_id = fixed.route_id,
    service_id = fixed.service_id,
    admission = exchange.admission,
    outcome = found.outcome,
    why = found.why,
    code = found.code,
    task_id = found.task_id,
  }
end

-- The body told more than the head.
function record.settle(entry, found)
  entry.outcome, entry.why = found.outcome, found.why
  entry.code, entry.task_id = found.code, found.task_id
end

function record.add_bytes(entry, count)
  entry.response_bytes = entry.response_bytes + count
  entry.latency.total = elapsed()
end

-- What the plugin server is told, but for the admission: the fields as lines, between two copies of the request's id (see
-- framed.lua). None of them can hold a line feed, but for a task's id, which the server chose and which is JSON here. cjson
-- would take half of its time to print the numbers.
function record.text(entry)
  local latency = entry.latency
  return concat({
    entry.request_id,
    entry.v,
    entry.started_at,
    entry.client_ip or "",
    entry.method or "",
    entry.path,
    entry.status or "",
    entry.upstream_status or "",
    entry.request_bytes,
    entry.response_bytes,
    latency.kong or "",
    latency.upstream or "",
    latency.total,
    entry.consumer or "",
    entry.route_id or "",
    entry.service_id or "",
    entry.outcome,
    entry.why or "",
    entry.code or "",
    entry.task_id and cjson.encode(entry.task_id) or "",
    entry.request_id,
  }, "\n")
end

-- For Kong's own log plugins: with the whole record a line of their logs can stand in for one that the plugin server, away
-- at that moment, never wrote.
function record.publish(entry, is_logged)
  local shown = is_logged and entry or { outcome = entry.outcome, why = entry.why, code = entry.code }
  kong.log.set_serialize_value("mcp", shown)
end

return record
