-- JSON between two copies of the request's id (the other half is src/domain/framed-text.ts). LuaJIT makes every string
-- unique and hashes sixteen of its bytes: four at its start, at its end and around its quarter and its middle (lj_str.c,
-- `hash_sparse`). The JSON of two requests mostly differs elsewhere, so that without the ids all of it collides and is
-- compared byte by byte: a third of Kong's time (perf, 16 connections).

local cjson = require "cjson.safe"

local framed = {}

function framed.encode(id, value)
  return cjson.encode({ id, value, id })
end

function framed.decode(text)
  local parts = cjson.decode(text)
  return type(parts) == "table" and parts[2] or nil
end

return framed
