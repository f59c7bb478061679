-- The functions that the plugin server may call: Kong resolves any path below `kong` (plugin_servers/rpc/mp_rpc.lua).
-- A Lua error here would leave the JS handler waiting for ever, so each answers nil instead, which JS refuses.

local facts = require "kong.plugins.mcp-guard.facts"
local framed = require "kong.plugins.mcp-guard.framed"
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

local function leave_verdict(text, admission)
  local verdict = framed.decode(text)
  if type(verdict) == "table" then
    verdict.admission = admission
  end
  ngx.ctx[protocol.VERDICT] = verdict
end

-- Leaves the verdict (framed JSON, and the admission beside it, which is only handed on) and ends the plugin's access
-- phase, as kong.response.exit does there (kong/pdk/response.lua): Kong runs access in a coroutine and goes on with the next
-- plugin when it yields (kong/init.lua). So nothing is sent back to the plugin server for an answer that says nothing, which
-- saves a round trip of every call that passes.
function pdk.admit(text, admission)
  leave_verdict(text, admission)
  if ngx.ctx.delay_response then
    coroutine.yield()
  end
end

-- Notes the refusal for the outcome and ends the request; never answers.
function pdk.refuse(status, body, headers, admission)
  ngx.ctx[protocol.REFUSAL] = {
    status = status,
    admission = type(admission) == "string" and admission or nil,
  }
  return kong.response.exit(status, body, headers)
end

local function reply_of(text)
  local reply = framed.decode(text)
  return reply.status, reply.body, reply.headers
end

-- The same for a request that judge.lua has asked about: nobody waits for an answer then.
judge.on(protocol.ADMIT, leave_verdict)
judge.on(protocol.REFUSE, function(text, admission)
  local status, body, headers = reply_of(text)
  return pdk.refuse(status, body, headers, admission)
end)
judge.on(protocol.EXIT, function(text)
  return kong.response.exit(reply_of(text))
end)

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
