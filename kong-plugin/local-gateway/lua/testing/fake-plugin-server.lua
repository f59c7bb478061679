-- nginx's timers and the plugin server as far as mcp-guard's delivery sees them. Both players use it.

local fake = {}

-- `answers`: what each message is answered with, in order: the positions of unknown records, or a string: no connection.
-- When there are none left, every record is taken.
function fake:install(answers, is_exiting)
  local played = { messages = {}, delays = {}, introduced = {} }
  self.played, self.timers = played, {}
  local attempt, rpc = 0, {}
  function rpc:call(method, argument)
    assert(method == "plugin.Conclude")
    attempt = attempt + 1
    local answer = answers[attempt]
    if type(answer) == "string" then
      return nil, answer
    end
    table.insert(played.messages, argument.Outcomes)
    return { Unknown = answer or {} }
  end
  function rpc:call_start_instance(name, conf)
    table.insert(played.introduced, name .. " " .. conf.__plugin_id)
  end
  local plugin = { name = "mcp-governance", handler = { rpc = rpc } }
  ngx.ctx.plugins = { response = { [0] = 4, { name = "other" }, {}, plugin, { __plugin_id = "plugin-1" } } }
  ngx.timer = {
    at = function(delay, handler)
      table.insert(played.delays, delay)
      table.insert(self.timers, handler)
      return true
    end,
  }
  ngx.sleep = function(seconds) table.insert(played.delays, seconds) end
  ngx.worker = { exiting = function() return is_exiting == true end }
  ngx.ERR, ngx.WARN = 4, 5
end

-- Runs what was started, and what that starts.
function fake:run()
  while self.timers[1] do
    table.remove(self.timers, 1)(false)
  end
  return self.played
end

return fake
