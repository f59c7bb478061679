-- The functions that the plugin server may call: Kong resolves any path below `kong` (plugin_servers/rpc/mp_rpc.lua).
-- A Lua error here would leave the JS handler waiting for ever, so each answers nil instead, which JS refuses.

local cjson = require "cjson.safe"
local facts = require "kong.plugins.mcp-guard.facts"
local protocol = require "kong.plugins.mcp-guard.protocol"

local coroutine, pcall, type = coroutine, pcall, type

-- A list of items larger than this is not filtered but refused: one answer would block the plugin server for seconds
-- (20 MB: 6 s, measured).
local MAX_BUFFERED_BYTES = 8388608

local pdk = {}

function pdk.facts(options)
  local ok, result = pcall(facts.collect, type(options) == "table" and options or {})
  if ok then
    return result
  end
  kong.log.err("mcp-guard could not collect the facts: ", result)
end

-- Leaves the verdict (JSON, and the admission beside it, which is only handed on) and ends the plugin's access phase, as kong.response.exit does there (kong/pdk/response.lua): Kong runs
-- access in a coroutine and goes on with the next plugin when it yields (kong/init.lua). So nothing is sent back to the
-- plugin server for an answer that says nothing, which saves a round trip of every call that passes.
function pdk.admit(text, admission)
  local verdict = cjson.decode(text)
  verdict.admission = admission
  kong.ctx.shared[protocol.VERDICT] = verdict
  if ngx.ctx.delay_response then
    coroutine.yield()
  end
end

-- Notes the refusal for the outcome and ends the request; never answers.
function pdk.refuse(status, body, headers, admission)
  kong.ctx.shared[protocol.REFUSAL] = {
    status = status,
    admission = type(admission) == "string" and admission or nil,
  }
  return kong.response.exit(status, body, headers)
end

local function read_buffered()
  local response = kong.service.response
  local verdict = kong.ctx.shared[protocol.VERDICT]
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
