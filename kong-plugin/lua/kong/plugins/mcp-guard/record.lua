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

-- One table for all requests: it is a text before the next one can begin.
local lines = {}

-- What the plugin server is told, but for the admission: the fields as lines, between two copies of the request's id (see
-- framed.lua). None of them can hold a line feed, but for a task's id, which the server chose and which is JSON here. cjson
-- would take half of its time to print the numbers.
function record.text(entry)
  local latency = entry.latency
  lines[1] = entry.request_id
  lines[2] = entry.v
  lines[3] = entry.started_at
  lines[4] = entry.client_ip or ""
  lines[5] = entry.method or ""
  lines[6] = entry.path
  lines[7] = entry.status or ""
  lines[8] = entry.upstream_status or ""
  lines[9] = entry.request_bytes
  lines[10] = entry.response_bytes
  lines[11] = latency.kong or ""
  lines[12] = latency.upstream or ""
  lines[13] = latency.total
  lines[14] = entry.consumer or ""
  lines[15] = entry.route_id or ""
  lines[16] = entry.service_id or ""
  lines[17] = entry.outcome
  lines[18] = entry.why or ""
  lines[19] = entry.code or ""
  lines[20] = entry.task_id and cjson.encode(entry.task_id) or ""
  lines[21] = entry.request_id
  return concat(lines, "\n", 1, 21)
end

-- For Kong's own log plugins: with the whole record a line of their logs can stand in for one that the plugin server, away
-- at that moment, never wrote.
function record.publish(entry, is_logged)
  local shown = is_logged and entry or { outcome = entry.outcome, why = entry.why, code = entry.code }
  kong.log.set_serialize_value("mcp", shown)
end

return record
