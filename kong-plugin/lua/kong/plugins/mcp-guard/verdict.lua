-- The JS plugin's verdict: does it fit this request, and what it wants done to it.

local cjson = require "cjson.safe"
local framed = require "kong.plugins.mcp-guard.framed"
local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

local byte, sub = string.byte, string.sub
local ipairs, pairs, tonumber, type = ipairs, pairs, tonumber, type

local line = framed.line
local QUOTE = 34

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

local function something(text)
  if text ~= "" then
    return text
  end
end

-- A JSON-RPC id: a text or a number.
local function id_of(text)
  if text and byte(text, 1) == QUOTE then
    return cjson.decode(text)
  end
  return tonumber(text)
end

-- As many lines as the first one says, and where the next one begins; nil when there are fewer.
local function read_names(text, from)
  local count, at = line(text, from)
  local names = {}
  for i = 1, tonumber(count) or 0 do
    names[i], at = line(text, at)
  end
  return count and #names == tonumber(count) and names or nil, at
end

-- Pairs of lines, as many as there are, and where they end; false when the last one has no value.
local function read_headers(text, from)
  local headers
  local name, at = line(text, from)
  while name do
    local value
    value, at = line(text, at)
    if not value then
      return false, at
    end
    headers = headers or {}
    headers[name] = value
    name, at = line(text, at)
  end
  return headers, at
end

local verdict = {}

-- What `verdictText` of src/host/verdict-text.ts wrote; nil when it is not whole.
function verdict.read(text)
  local request_id, version, consumer, scope, scope_id, filter, kind, id, query, session_key, has_lease, set_headers
  local at
  request_id, at = line(text, 1)
  version, at = line(text, at)
  consumer, at = line(text, at)
  scope, at = line(text, at)
  scope_id, at = line(text, at)
  filter, at = line(text, at)
  kind, at = line(text, at)
  id, at = line(text, at)
  query, at = line(text, at)
  session_key, at = line(text, at)
  has_lease, at = line(text, at)
  set_headers, at = line(text, at)
  local clear_headers, response_headers
  clear_headers, at = read_names(text, at)
  response_headers, at = read_headers(text, at)
  if not clear_headers or response_headers == false or sub(text, at) ~= request_id then
    return nil
  end
  return {
    v = tonumber(version),
    consumer = consumer,
    scope = scope,
    scope_id = scope_id,
    request_id = request_id,
    filter = filter == "1",
    kind = kind,
    id = id_of(id),
    -- An empty query is one too.
    query = query ~= "" and sub(query, 2) or nil,
    session_key = something(session_key),
    has_lease = has_lease == "1" or nil,
    clear_headers = clear_headers,
    set_headers = set_headers ~= "" and cjson.decode(set_headers) or nil,
    response_headers = response_headers,
    -- The guard's to fill in.
    admission = nil,
  }
end

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
