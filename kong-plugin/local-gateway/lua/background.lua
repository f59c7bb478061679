-- What nginx and Kong have apart from requests, for Lua plugins: `ngx.timer.at`, and the connection to a plugin server that
-- a timer may use (kong/runloop/plugin_servers/rpc/mp_rpc.lua). Waiting is a yield that the host answers with `resume`.

local host = require "local-gateway.background"

local background = {}
local threads, last_id = {}, 0

local function continue(id, ...)
  local thread = threads[id]
  local ok, operation, name, argument = coroutine.resume(thread, ...)
  if ok and coroutine.status(thread) == "suspended" then
    return host.wait(id, operation, name, argument)
  end
  threads[id] = nil
  if not ok then
    host.fail(tostring(operation))
  end
  host.done(id)
end

function background:resume(id, ...)
  continue(id, ...)
end

ngx.timer = {
  at = function(delay, handler, ...)
    local arguments = { ... }
    last_id = last_id + 1
    threads[last_id] = coroutine.create(function(is_premature)
      return handler(is_premature, unpack(arguments))
    end)
    host.start(last_id, delay)
    return true
  end,
}

ngx.sleep = function(seconds)
  coroutine.yield("sleep", "", seconds)
end

local rpc = {}

function rpc:call(method, argument)
  return coroutine.yield("call", method, argument)
end

function rpc:call_start_instance(_, conf)
  return coroutine.yield("start_instance", conf.__plugin_id)
end

-- What the plugins iterator keeps of a plugin of a plugin server: pairs of it and its configuration, after their number.
function background:collect(context, name, plugin_id)
  context.plugins = { response = { [0] = 2, { name = name, handler = { rpc = rpc } }, { __plugin_id = plugin_id } } }
end

return background
