-- Carries finished records to the plugin server: many in one message, from a timer, so that no request waits for its own.
-- A log phase of the JS plugin instead would cost every request Kong's serialisation of it, a copy of its context, a timer
-- and two messages (kong/runloop/plugin_servers/plugin.lua), and lose the record while the plugin server is away. Kong's
-- own queue (kong/tools/queue.lua) waits at least 50 ms and drops what it cannot send without a trace of what it was.

local cjson = require "cjson.safe"
local exchange = require "kong.plugins.mcp-guard.exchange"
local external = require "kong.plugins.mcp-guard.external"
local protocol = require "kong.plugins.mcp-guard.protocol"
local record = require "kong.plugins.mcp-guard.record"

local remove, min = table.remove, math.min
local ipairs, pcall, type = ipairs, pcall, type

local HEAD = exchange.head("plugin.Conclude", 1)
-- [plugin id, text, admission]
local ITEM = "\147"
-- Records that wait in one worker; a plugin server that is away for longer loses the oldest to Kong's log.
local MAX_WAITING = 10000
local MAX_BATCH = 200
-- Seconds, the least that nginx's timers know. Under load a batch is some ten records: while the plugin server takes a longer
-- one, all requests wait for their judgement, and then for Kong (10 ms cost a tenth of the requests per second).
local COLLECTED_FOR = 0.001
local FIRST_RETRY, LAST_RETRY = 0.1, 1
-- Of a worker that ends: a plugin server that is started again listens after a second or two.
local LAST_ATTEMPTS = 30
-- nginx cuts a log line at 4,096 bytes (2,048 without OpenResty's patch).
local MAX_LOGGED_BYTES = 1800

local delivery = {}

-- Of this worker: { handler, conf, record, text } in the order of their ends.
local waiting = {}
local due, is_sending, failures = nil, false, 0

local function abandon(entry, why)
  local ended = entry.record
  -- Beside the rest, not escaped in it, and in one line of the log; and back in its place, for Kong's log plugins may still
  -- have to see it.
  local admission = ended.admission
  ended.admission = nil
  local text = cjson.encode(ended) .. " " .. ((admission or ""):gsub("\n", " "))
  ended.admission = admission
  ngx.log(ngx.ERR, "mcp-guard could not deliver a record (", why, "): ", text:sub(1, MAX_LOGGED_BYTES))
end

local function abandon_all(why)
  for _, entry in ipairs(waiting) do
    abandon(entry, why)
  end
  waiting, failures = {}, 0
end

-- The positions of the records whose configuration the plugin server does not know, or nil and why.
local function send(socket, batch)
  local question = { HEAD, exchange.count(#batch) }
  for _, entry in ipairs(batch) do
    local plugin, admission = entry.conf.__plugin_id, entry.record.admission or ""
    local at = #question
    question[at + 1], question[at + 2], question[at + 3] = ITEM, exchange.length(plugin), plugin
    question[at + 4], question[at + 5] = exchange.length(entry.text), entry.text
    question[at + 6], question[at + 7] = exchange.length(admission), admission
  end
  local kind, unknown = exchange.ask(socket, question)
  if kind ~= protocol.TAKEN then
    return nil, kind and "the plugin server failed" or unknown
  end
  return cjson.decode(unknown)
end

-- The next records, taken out of the queue.
local function take_batch()
  local batch, rest = {}, {}
  for i, entry in ipairs(waiting) do
    if i <= MAX_BATCH then
      batch[i] = entry
    else
      rest[i - MAX_BATCH] = entry
    end
  end
  waiting = rest
  return batch
end

local function put_back(entries)
  for _, entry in ipairs(waiting) do
    entries[#entries + 1] = entry
  end
  waiting = entries
end

-- As Kong does at "no plugin instance" (kong/runloop/plugin_servers/rpc/mp_rpc.lua): a plugin server that was started
-- again knows no configuration until somebody tells it.
local function introduce(entry, introduced)
  local id = entry.conf.__plugin_id
  if not introduced[id] then
    introduced[id] = true
    entry.handler.rpc:call_start_instance(external.NAME, entry.conf)
  end
end

-- What cannot be taken yet goes to `held`.
local function send_all(held)
  while waiting[1] do
    local batch = take_batch()
    local done, unknown, err = pcall(send, batch[1].handler.server_def.socket, batch)
    if not done or not unknown then
      put_back(batch)
      return not done and unknown or err
    end
    local introduced = {}
    for _, position in ipairs(unknown) do
      held[#held + 1] = batch[position]
      introduce(batch[position], introduced)
    end
  end
end

-- Why something is still waiting; nil when nothing is.
local function try()
  local held = {}
  local ok, result = pcall(send_all, held)
  put_back(held)
  if waiting[1] then
    return result or (ok and "it has just started")
  end
end

-- A worker that ends takes no timers for later, and serves the streams that it has for as long as they run: it waits here.
local function try_to_the_end()
  local why = try()
  local attempts = 1
  while why and ngx.worker.exiting() and attempts < LAST_ATTEMPTS do
    ngx.sleep(FIRST_RETRY)
    why = try()
    attempts = attempts + 1
  end
  return why
end

local schedule

local function run(premature)
  due = nil
  if is_sending then
    return
  elseif premature and not ngx.worker.exiting() then
    -- Terminated: nothing that would be sent now could leave.
    return abandon_all("Kong ends")
  end
  is_sending = true
  local why = try_to_the_end()
  is_sending = false
  failures = why and failures + 1 or 0
  if failures == 0 then
    return
  elseif ngx.worker.exiting() then
    return abandon_all(why)
  elseif failures == 1 then
    ngx.log(ngx.WARN, "mcp-guard keeps ", #waiting, " records for the plugin server: ", why)
  end
  schedule(min(LAST_RETRY, FIRST_RETRY * 2 ^ (failures - 1)))
end

function schedule(delay)
  if is_sending or (due and due <= ngx.now() + delay) then
    return
  end
  -- Kong's own timers have a resolution of 100 ms. A worker that ends takes none with a delay.
  local after = native_timer_at or ngx.timer.at
  local ok, err = after(ngx.worker.exiting() and 0 or delay, run)
  if not ok then
    return abandon_all(err)
  end
  due = ngx.now() + delay
end

-- A lease is given back with the record, so that its holder may not be kept waiting.
function delivery.add(entry, is_urgent)
  local handler, conf = external.find()
  if not handler then
    return
  end
  waiting[#waiting + 1] = { handler = handler, conf = conf, record = entry, text = record.text(entry) }
  if #waiting > MAX_WAITING then
    abandon(remove(waiting, 1), "too many wait")
  end
  if failures == 0 then
    schedule(is_urgent and 0 or COLLECTED_FOR)
  end
end

return delivery
