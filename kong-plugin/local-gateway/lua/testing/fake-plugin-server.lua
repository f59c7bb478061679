-- Kong's handler of a plugin server's plugin, the plugin server's socket, and nginx's timers, as far as mcp-guard sees them.
-- Both players use it.

local fake = {}

local function uint32(number)
  return string.char(0, math.floor(number / 65536), math.floor(number / 256) % 256, number % 256)
end

-- What the socket sends back: a list `{ kind, first, second }`, or as it is. A string that begins with "bytes:" is sent and
-- the connection then closed; any other is why there is no connection.
local function answer_of(answer)
  if type(answer) == "string" then
    return answer:sub(7)
  end
  local kind, first, second = answer[1], answer[2] or "", answer[3] or ""
  local lengths = "\206" .. uint32(#first) .. "\198" .. uint32(#first + #second)
  return string.char(0x94, 1, 0, 0xc0, 0x93, kind) .. lengths .. first .. second
end

local Socket = {}
Socket.__index = Socket

function Socket:send(parts)
  table.insert(self.questions, ngx.encode_base64(table.concat(parts)))
  return true
end

function Socket:receive(bytes)
  if #self.rest < bytes then
    return nil, "closed"
  end
  local result = self.rest:sub(1, bytes)
  self.rest = self.rest:sub(bytes + 1)
  return result
end

function Socket:setkeepalive() self.log.kept = self.log.kept + 1 end

function Socket:close() self.log.closed = self.log.closed + 1 end

-- `next_answer` gives what the next connection is answered.
local function connect_to(log, questions, next_answer)
  return function(path, options)
    assert(path == "unix:/run/js.sock" and options.pool == "mcp-guard")
    local answer = next_answer()
    if type(answer) == "string" and answer:sub(1, 6) ~= "bytes:" then
      return nil, answer
    end
    return setmetatable({ log = log, questions = questions, rest = answer_of(answer) }, Socket)
  end
end

local function install_plugin(handler, conf)
  local plugin = { name = "mcp-governance", handler = handler }
  ngx.ctx.plugins = { response = { [0] = 4, { name = "other" }, {}, plugin, conf } }
end

-- For a log phase. `answers`: to each message the positions of unknown records, or why there is no connection. When there
-- are none left, every record is taken.
function fake:install(answers, is_exiting)
  local played = { messages = {}, delays = {}, introduced = {}, kept = 0, closed = 0 }
  self.played, self.timers = played, {}
  local attempt, rpc = 0, {}
  ngx.socket = {
    connect = connect_to(played, played.messages, function()
      attempt = attempt + 1
      local answer = answers[attempt] or {}
      if type(answer) == "string" then
        return answer
      end
      return { 7, "[" .. table.concat(answer, ",") .. "]" }
    end),
  }
  function rpc:call_start_instance(name, conf)
    table.insert(played.introduced, name .. " " .. conf.__plugin_id)
  end
  install_plugin({ rpc = rpc, server_def = { socket = "/run/js.sock" } }, { __plugin_id = "plugin-1" })
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

-- Access phases of mcp-governance. Kong's own asks for the facts with `options`, which is all that it does here.
function fake:install_access(options, answers, instance_fails)
  local judged = { questions = {}, originals = 0, resets = 0, kept = 0, closed = 0 }
  local attempt = 0
  self.judged = judged
  ngx.socket = {
    connect = connect_to(judged, judged.questions, function()
      attempt = attempt + 1
      return answers[attempt]
    end),
  }
  self.handler = {
    server_def = { socket = "/run/js.sock" },
    instance_callbacks = {
      get_instance_id = function()
        if instance_fails then
          return nil, instance_fails ~= "" and instance_fails or nil
        end
        return 123456789012
      end,
      reset_instance = function() judged.resets = judged.resets + 1 end,
    },
    access = function()
      judged.originals = judged.originals + 1
      kong.mcp_guard.facts(options)
    end,
  }
  self.conf = { __plugin_id = "plugin-1" }
  install_plugin(self.handler, self.conf)
end

-- One access phase; with a new table for the configuration, as after a reload, if told.
function fake:access(is_reloaded)
  if is_reloaded then
    self.conf = { __plugin_id = "plugin-1" }
    install_plugin(self.handler, self.conf)
  end
  self.handler:access(self.conf)
end

return fake
