-- Looks for the answer to one call in a response that passes by, chunk by chunk, and keeps at most `limit` bytes of it.

local answer = require "kong.plugins.mcp-guard.answer"
local remembering = require "kong.plugins.mcp-guard.remembering"
local sse = require "kong.plugins.mcp-guard.sse"

local concat, sub = table.concat, string.sub

local BYTE_ORDER_MARK = "\239\187\191"

local Json = {}
Json.__index = Json

function Json:feed(chunk)
  if not self.parts then
    return
  end
  self.size = self.size + #chunk
  if self.size > self.limit then
    self.parts = nil
  elseif chunk ~= "" then
    self.parts[#self.parts + 1] = chunk
  end
end

-- The answer, or nil and why there is none.
function Json:finish()
  if not self.parts then
    return nil, "too_large"
  end
  local text = self.parts[2] and concat(self.parts) or self.parts[1] or ""
  if sub(text, 1, 3) == BYTE_ORDER_MARK then
    text = sub(text, 4)
  end
  self.parts = {}
  self.found = answer.find(text, self.id)
  return self.found, "no_answer"
end

local Sse = {}
Sse.__index = Sse

function Sse:feed(chunk)
  self.reader:feed(chunk)
end

function Sse:finish()
  return self.found, self.reader.skipped and "too_large" or "no_answer"
end

local function new_sse(id, limit)
  local tap = setmetatable({}, Sse)
  tap.reader = sse.new(limit, function(data)
    if answer.is_possible(data) then
      tap.found = answer.find(data, id)
    end
    return tap.found ~= nil
  end)
  return tap
end

local tap = {}

-- Servers write a content type in a few ways; LuaJIT compiles no pattern.
local MAX_KNOWN = 100

local mode_of = remembering(MAX_KNOWN, function(content_type)
  local media_type = content_type:match("^%s*([^;%s]*)"):lower()
  if media_type == "application/json" then
    return "json"
  elseif media_type == "text/event-stream" then
    return "sse"
  end
  return false
end)

-- `json` or `sse`; nil for any other content type.
function tap.mode(content_type)
  return type(content_type) == "string" and mode_of(content_type) or nil
end

-- `tap.found` is set as soon as the answer was seen.
function tap.new(mode, id, limit)
  if mode == "sse" then
    return new_sse(id, limit)
  end
  return setmetatable({ id = id, limit = limit, size = 0, parts = {} }, Json)
end

return tap
