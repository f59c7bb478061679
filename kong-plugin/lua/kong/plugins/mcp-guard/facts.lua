-- Everything the JS plugin's decision needs, collected in one call instead of one socket round trip per fact.

local cjson = require "cjson.safe"
local coverage = require "kong.plugins.mcp-guard.coverage"
local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

local concat = table.concat
local pcall, setmetatable, tonumber, type = pcall, setmetatable, tonumber, type
local ipairs, pairs = ipairs, pairs

-- Kong's own maximum for get_headers.
local MAX_HEADERS = 1000
-- What SDK servers accept; the JS plugin always names its own.
local DEFAULT_BODY_BYTES = 4194304

local function text(value)
  if type(value) == "string" then
    return value
  end
end

local function texts(list)
  local result = {}
  if type(list) == "table" then
    for _, value in ipairs(list) do
      result[#result + 1] = text(value)
    end
  end
  return result
end

-- Header values as Kong has them, a string or a list, and whether there were more than the guard reads.
local function read_headers()
  local headers, err = kong.request.get_headers(MAX_HEADERS)
  local count = 0
  for _, value in pairs(headers) do
    count = count + (type(value) == "table" and #value or 1)
  end
  return headers, err == "truncated" or count >= MAX_HEADERS
end

-- The body, or nil and why. The length is looked at first, so that nothing is read for nothing.
local function read_body(limit)
  local announced = tonumber(ngx.var.content_length)
  if announced and announced > limit then
    return nil, "too_large"
  end
  local ok, body, err = pcall(kong.request.get_raw_body, limit)
  if not ok or type(body) ~= "string" then
    local too_large = ok and type(err) == "string" and err:find("too big", 1, true)
    return nil, too_large and "too_large" or "unreadable"
  end
  if #body > limit then
    return nil, "too_large"
  end
  request.fixed().body_bytes = #body
  return body
end

-- By Kong's table of the consumer, which is the same for all requests until the consumer changes.
local told = setmetatable({}, { __mode = "k" })

-- JSON of the consumer, or an empty text.
local function consumer_text(consumer)
  if type(consumer) ~= "table" then
    return ""
  end
  if not told[consumer] then
    told[consumer] = cjson.encode({
      id = text(consumer.id),
      username = text(consumer.username),
      custom_id = text(consumer.custom_id),
      tags = texts(consumer.tags),
    })
  end
  return told[consumer]
end

-- JSON of Kong's ACL cache, not of the x-consumer-groups header: a client can send that one where no acl plugin runs. Empty
-- when the cache fails: the plugin refuses whom it cannot judge without groups.
local function groups_text(consumer)
  local ok, groups, err = pcall(function()
    return require("kong.plugins.acl.groups").get_consumer_groups(consumer.id)
  end)
  if not ok or err then
    kong.log.err("mcp-guard could not read the consumer's groups: ", ok and err or groups)
    return ""
  end
  return cjson.encode(texts(groups))
end

local function mark(is_so)
  return is_so and "1" or ""
end

local function json_or_nothing(value)
  return type(value) == "string" and cjson.encode(value) or ""
end

local facts = {}

-- One table for all requests: it is a text before the next one can begin.
local lines = {}

-- The facts as lines between two copies of the request's id (see framed.lua; src/host/fact-lines.ts reads them), and the body
-- as it came (nil: see `body_error`). nginx lets no line feed into a method, a path or a query.
function facts.collect(options)
  local fixed = request.fixed()
  local headers, truncated = read_headers()
  local consumer = kong.client.get_consumer()
  local credential = kong.client.get_credential()
  local body, body_error = read_body(tonumber(options.max_body_bytes) or DEFAULT_BODY_BYTES)
  local groups = ""
  if type(consumer) == "table" and consumer.id and (options.groups or headers["x-consumer-groups"]) then
    groups = groups_text(consumer)
  end
  lines[1] = fixed.id
  lines[2] = protocol.VERSION
  lines[3] = mark(coverage.includes(fixed.route_id, fixed.service_id))
  lines[4] = fixed.started_at
  lines[5] = kong.request.get_method()
  lines[6] = fixed.path
  lines[7] = fixed.query or ""
  lines[8] = consumer_text(consumer)
  lines[9] = json_or_nothing(type(credential) == "table" and credential.id)
  lines[10] = groups
  -- A table would be several tokens; Kong's jwt plugin verified none of them.
  lines[11] = json_or_nothing(options.token and kong.ctx.shared.authenticated_jwt_token)
  lines[12] = mark(truncated)
  lines[13] = body_error or ""
  lines[14] = cjson.encode(headers)
  lines[15] = fixed.id
  return concat(lines, "\n", 1, 15), body
end

return facts
