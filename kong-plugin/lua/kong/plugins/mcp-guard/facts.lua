-- Everything the JS plugin's decision needs, collected in one call instead of one socket round trip per fact.

local coverage = require "kong.plugins.mcp-guard.coverage"
local framed = require "kong.plugins.mcp-guard.framed"
local protocol = require "kong.plugins.mcp-guard.protocol"
local request = require "kong.plugins.mcp-guard.request"

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

local function read_consumer()
  local consumer = kong.client.get_consumer()
  if type(consumer) ~= "table" then
    return nil
  end
  if not told[consumer] then
    told[consumer] = {
      id = text(consumer.id),
      username = text(consumer.username),
      custom_id = text(consumer.custom_id),
      tags = texts(consumer.tags),
    }
  end
  return told[consumer]
end

-- Kong's ACL cache, not the x-consumer-groups header: a client can send that one where no acl plugin runs.
local function read_groups(consumer)
  local ok, groups, err = pcall(function()
    return require("kong.plugins.acl.groups").get_consumer_groups(consumer.id)
  end)
  if not ok or err then
    return nil, tostring(ok and err or groups)
  end
  return texts(groups)
end

local facts = {}

-- The text of the facts, and the body as it came (nil: see `body_error`).
function facts.collect(options)
  local fixed = request.fixed()
  local headers, truncated = read_headers()
  local consumer = read_consumer()
  local credential = kong.client.get_credential()
  local body, body_error = read_body(tonumber(options.max_body_bytes) or DEFAULT_BODY_BYTES)
  local groups, groups_error
  if consumer and consumer.id and (options.groups or headers["x-consumer-groups"]) then
    groups, groups_error = read_groups(consumer)
  end
  local result = {
    v = protocol.VERSION,
    covered = coverage.includes(fixed.route_id, fixed.service_id),
    request_id = fixed.id,
    started_at = fixed.started_at,
    method = kong.request.get_method(),
    path = fixed.path,
    query = fixed.query,
    headers = headers,
    headers_truncated = truncated or nil,
    consumer = consumer,
    credential_id = type(credential) == "table" and text(credential.id) or nil,
    body_error = body_error,
    groups = groups,
    groups_error = groups_error,
    -- A table would be several tokens; Kong's jwt plugin verified none of them.
    token = options.token and text(kong.ctx.shared.authenticated_jwt_token) or nil,
  }
  return framed.encode(fixed.id, result), body
end

return facts
