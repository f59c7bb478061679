-- The JS plugin's verdict: does it fit this request, and what it wants done to it.

local cjson = require "cjson.safe"
local framed = require "kong.plugins.mcp-guard.framed"
local protocol = require "kong.plugins.mcp-guard.protocol"
local remembering = require "kong.plugins.mcp-guard.remembering"
local request = require "kong.plugins.mcp-guard.request"

local byte, find, sub = string.byte, string.find, string.sub
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
    and is_optional(verdict.response_names, "table")
    and is_optional(verdict.response_values, "table")
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

-- Texts that are the same for most requests of a caller are read once.
local MAX_KNOWN = 1000

-- For whom, where and by which version was judged; false when it is not all there.
local whom = remembering(MAX_KNOWN, function(text)
  local version, kind, scope, scope_id, session_key, consumer = text:match("^(%d+) (%S+) (%S+) (%S*) (%S*) (.*)$")
  return version ~= nil
    and {
      v = tonumber(version),
      kind = kind,
      scope = scope,
      scope_id = scope_id,
      session_key = something(session_key),
      consumer = consumer,
    }
end)

-- Names of headers, which hold no colon.
local names = remembering(MAX_KNOWN, function(text)
  local found = {}
  for name in text:gmatch("[^:]+") do
    found[#found + 1] = name
  end
  return found
end)

-- One value for each of `wanted`; nil when there are fewer. And where the next line begins.
local function read_values(text, from, wanted)
  local values, at = {}, from
  for i = 1, #wanted do
    local value
    value, at = line(text, at)
    if not value then
      return nil, at
    end
    values[i] = value
  end
  return values, at
end

local verdict = {}

-- What `verdictText` of src/host/verdict-text.ts wrote; nil when it is not whole.
function verdict.read(text)
  local request_id, about, todo, id, query, set_headers, cleared, answered
  local at
  request_id, at = line(text, 1)
  about, at = line(text, at)
  todo, at = line(text, at)
  id, at = line(text, at)
  query, at = line(text, at)
  set_headers, at = line(text, at)
  cleared, at = line(text, at)
  answered, at = line(text, at)
  local judged = answered and whom(about)
  if not judged then
    return nil
  end
  local response_names = names(answered)
  local response_values
  response_values, at = read_values(text, at, response_names)
  if not response_values or sub(text, at) ~= request_id then
    return nil
  end
  return {
    v = judged.v,
    consumer = judged.consumer,
    scope = judged.scope,
    scope_id = judged.scope_id,
    kind = judged.kind,
    session_key = judged.session_key,
    request_id = request_id,
    filter = find(todo, "filter", 1, true) ~= nil,
    has_lease = find(todo, "lease", 1, true) and true or nil,
    id = id_of(id),
    -- An empty query is one too.
    query = query ~= "" and sub(query, 2) or nil,
    set_headers = set_headers ~= "" and cjson.decode(set_headers) or nil,
    clear_headers = names(cleared),
    response_names = response_names,
    response_values = response_values,
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
