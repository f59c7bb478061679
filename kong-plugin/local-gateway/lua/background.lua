-- What nginx and Kong have apart from PDK functions, for Lua plugins: `ngx.timer.at`, cosockets, and the handler through which
-- Kong speaks to a plugin server (kong/runloop/plugin_servers/plugin.lua). Waiting is a yield that the host answers with
-- `resume`; what fails in a timer is logged, what fails in a request's access phase is the request's failure.

local host = require "local-gateway.background"

local background = {}
local threads, last_id = {}, 0

local function continue(id, ...)
  local thread = threads[id]
  local ok, operation, name, argument = coroutine.resume(thread.coroutine, ...)
  if ok and coroutine.status(thread.coroutine) == "suspended" then
    return host.wait(id, operation, name, argument)
  end
  threads[id] = nil
  if not ok and thread.is_request then
    error(operation, 0)
  elseif not ok then
    host.fail(tostring(operation))
  end
  host.done(id)
end

function background:resume(id, ...)
  continue(id, ...)
end

local function new_thread(call, is_request)
  last_id = last_id + 1
  threads[last_id] = { coroutine = coroutine.create(call), is_request = is_request }
  return last_id
end

ngx.timer = {
  at = function(delay, handler, ...)
    local arguments = { ... }
    local id = new_thread(function(is_premature)
      return handler(is_premature, unpack(arguments))
    end)
    host.start(id, delay)
    return true
  end,
}

ngx.sleep = function(seconds)
  coroutine.yield("sleep", "", seconds)
end

local Socket = {}
Socket.__index = Socket

function Socket:send(parts)
  return coroutine.yield("send", self.id, parts)
end

function Socket:receive(bytes)
  return coroutine.yield("receive", self.id, bytes)
end

function Socket:setkeepalive()
  return coroutine.yield("keep", self.id)
end

function Socket:close()
  return coroutine.yield("close", self.id)
end

ngx.socket = {
  connect = function(path)
    local id, err = coroutine.yield("connect", path)
    if id then
      return setmetatable({ id = id }, Socket)
    end
    return nil, err
  end,
}

local handlers, configs = {}, {}

local function new_handler(name)
  return {
    name = name,
    server_def = { socket = host.socket() },
    rpc = {
      call_start_instance = function(_, _, conf)
        return coroutine.yield("start_instance", conf.__plugin_id)
      end,
    },
    instance_callbacks = {
      get_instance_id = function(_, conf)
        return coroutine.yield("instance", conf.__plugin_id)
      end,
      reset_instance = function()
        return coroutine.yield("forget_instances")
      end,
    },
    access = function(_, conf)
      coroutine.yield("access", conf.__plugin_id)
    end,
  }
end

-- The same table for the same configuration: plugins use it as a key.
local function config_of(plugin_id, sequence)
  local known = configs[plugin_id]
  if not known or known.__seq__ ~= sequence then
    known = { __plugin_id = plugin_id, __seq__ = sequence }
    configs[plugin_id] = known
  end
  return known
end

-- What the plugins iterator keeps of a plugin of a plugin server: pairs of it and its configuration, after their number.
function background:collect(context, name, plugin_id, sequence)
  handlers[name] = handlers[name] or new_handler(name)
  context.plugins = {
    response = { [0] = 2, { name = name, handler = handlers[name] }, config_of(plugin_id, sequence) },
  }
end

-- The id of a thread that runs the handler's access phase, whoever put its function there.
function background:access(name, plugin_id, sequence)
  return new_thread(function()
    handlers[name]:access(config_of(plugin_id, sequence))
  end, true)
end

return background
