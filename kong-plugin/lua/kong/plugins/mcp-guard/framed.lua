-- Texts between two copies of the request's id (the other half is src/domain/framed-text.ts). LuaJIT makes every string
-- unique and hashes sixteen of its bytes: four at its start, at its end and around its quarter and its middle (lj_str.c,
-- `hash_sparse`). The texts of two requests mostly differ elsewhere, so that without the ids all of them collide and are
-- compared byte by byte: a third of Kong's time (perf, 16 connections).
--
-- What every request needs is lines: cjson prints each number with `printf`, and its tables grow key by key. Rare things are
-- JSON.

local cjson = require "cjson.safe"

local find, sub = string.find, string.sub
local type = type

local framed = {}

-- The line that begins at `from`, and where the next one does; nil when none ends there.
function framed.line(text, from)
  local feed = find(text, "\n", from, true)
  if feed then
    return sub(text, from, feed - 1), feed + 1
  end
  return nil, from
end

-- What stands as JSON between the ids.
function framed.decode(text)
  local parts = cjson.decode(text)
  return type(parts) == "table" and parts[2] or nil
end

return framed
