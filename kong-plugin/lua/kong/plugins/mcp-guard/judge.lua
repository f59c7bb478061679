-- One message to the plugin server and back in place of an access phase, which takes two: Kong's own says only that the
-- phase has begun, and the JS plugin has to ask for the facts (kong/runloop/plugin_servers/rpc/mp_rpc.lua, `bridge_loop`).
-- The function stands in Kong's handler of our plugin, and only there. Where it cannot be put, or does not know yet which
-- facts are wanted, the access phase is Kong's own; where it fails, it leaves no verdict, and the guard refuses.

local ending = require "kong.plugins.mcp-guard.ending"
local exchange = require "kong.plugins.mcp-guard.exchange"
local external = require "kong.plugins.mcp-guard.external"
local facts = require "kong.plugins.mcp-guard.facts"
local framed = require "kong.plugins.mcp-guard.framed"
local protocol = require "kong.plugins.mcp-guard.protocol"

local pcall, setmetatable, type = pcall, setmetatable, type

local judge = {}

local HEAD = exchange.head("plugin.Judge", 3)

-- The options of `facts`, by the configuration that the plugin server named them for.
local wanted = setmetatable({}, { __mode = "k" })

local function reply_of(text)
  local reply = framed.decode(text)
  return reply.status, reply.body, reply.headers
end

-- What an answer tells to do, by its kind.
local endings = {
  [protocol.ADMIT] = ending.admit,
  [protocol.REFUSE] = function(text, admission)
    local status, body, headers = reply_of(text)
    return ending.refuse(status, body, headers, admission)
  end,
  [protocol.EXIT] = function(text)
    return kong.response.exit(reply_of(text))
  end,
}

local function question(handler, conf)
  local instance, failure = handler.instance_callbacks.get_instance_id(handler, conf)
  if not instance then
    return nil, failure
  end
  local ok, text, body = pcall(facts.collect, wanted[conf])
  if not ok then
    return nil, text
  end
  body = body or ""
  return { HEAD, exchange.integer(instance), exchange.length(body), body, exchange.length(text), text }
end

local function judged(handler, conf, original)
  local asked, err = question(handler, conf)
  if not asked and not err then
    -- While another request starts the instance of another configuration Kong has none to name
    -- (kong/runloop/plugin_servers/plugin.lua, get_instance_id). Its own phase asks again.
    return original(handler, conf)
  end
  local kind, first, second
  if asked then
    kind, first, second = exchange.ask(handler.server_def.socket, asked)
    err = first
  end
  if endings[kind] then
    return endings[kind](first, second)
  elseif kind == protocol.ASK then
    return original(handler, conf)
  elseif kind == protocol.NO_INSTANCE then
    -- As Kong does: the plugin server was started again.
    handler.instance_callbacks.reset_instance(external.NAME, conf)
    return original(handler, conf)
  end
  kong.log.err("mcp-guard got no judgement: ", err)
end

local function is_known(handler)
  return type(handler) == "table"
    and type(handler.access) == "function"
    and type(handler.server_def) == "table"
    and type(handler.instance_callbacks) == "table"
end

-- Called while the JS plugin asks for facts in an access phase of Kong's own.
function judge.learn(options)
  local handler, conf = external.find()
  if options.judges ~= true or not is_known(handler) then
    return
  end
  wanted[conf] = options
  if handler.judges_in_one_message then
    return
  end
  local original = handler.access
  handler.judges_in_one_message = true
  handler.access = function(self, config)
    if wanted[config] then
      return judged(self, config, original)
    end
    return original(self, config)
  end
end

return judge
