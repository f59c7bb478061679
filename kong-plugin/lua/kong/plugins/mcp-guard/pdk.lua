-- The functions that the plugin server may call: Kong resolves any path below `kong` (plugin_servers/rpc/mp_rpc.lua).
-- A Lua error here would leave the JS handler waiting for ever, so each answers nil instead, which JS refuses.

local ending = require "kong.plugins.mcp-guard.ending"
local facts = require "kong.plugins.mcp-guard.facts"
local judge = require "kong.plugins.mcp-guard.judge"
local protocol = require "kong.plugins.mcp-guard.protocol"

local coroutine, pcall, type = coroutine, pcall, type

-- A list of items larger than this is not filtered but refused: one answer would block the plugin server for seconds
-- (20 MB: 6 s, measured).
local MAX_BUFFERED_BYTES = 8388608

local pdk = {}

-- In Base64: what a client sent may be no UTF-8, and a decoder of MessagePack text would change it.
local function packed_facts(options)
  local text, body = facts.collect(options)
  return { ngx.encode_base64(text), body and ngx.encode_base64(body) }
end

function pdk.facts(options)
  options = type(options) == "table" and options or {}
  local ok, result = pcall(packed_facts, options)
  if not ok then
    kong.log.err("mcp-guard could not collect the facts: ", result)
    return nil
  end
  judge.learn(options)
  return result
end

-- Ends the plugin's access phase, as kong.response.exit does there (kong/pdk/response.lua): Kong runs access in a coroutine
-- and goes on with the next plugin when it yields (kong/init.lua). So nothing is sent back to the plugin server for an answer
-- that says nothing, which saves a round trip of every call that passes.
function pdk.admit(text, admission)
  ending.admit(text, admission)
  if ngx.ctx.delay_response then
    coroutine.yield()
  end
end

pdk.refuse = ending.refuse

local function read_buffered()
  local response = kong.service.response
  local verdict = ngx.ctx[protocol.VERDICT]
  local body = response.get_raw_body()
  if #body > MAX_BUFFERED_BYTES then
    error("the list has more than " .. MAX_BUFFERED_BYTES .. " bytes")
  end
  return {
    status = response.get_status(),
    content_type = response.get_header("content-type"),
    content_encoding = response.get_header("content-encoding"),
    body = ngx.encode_base64(body),
    admission = verdict.admission,
  }
end

function pdk.buffered()
  local ok, result = pcall(read_buffered)
  if ok then
    return result
  end
  kong.log.err("mcp-guard could not read the buffered answer: ", result)
end

return pdk
