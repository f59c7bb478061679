-- Plays the scenarios of local-gateway/lua/testing/scenario.ts through mcp-guard on real LuaJIT, against a small fake
-- `kong`: proves that the guard is Lua 5.1. Reads one JSON object from stdin, writes a JSON array to stdout.

local cjson = require "cjson.safe"

local folder, testing = arg[1], arg[2]
package.path = folder .. "/?.lua;" .. package.path

local input = cjson.decode(io.read("*a"))

local encode_base64 = dofile(testing .. "/encode-base64.lua")

local function present(value)
  if value ~= cjson.null then
    return value
  end
end

local function copy_into(target, values)
  for key, value in pairs(values or {}) do
    target[key] = value
  end
end

local fake_kong = dofile(testing .. "/fake-kong.lua")

local function chunks_of(body, cuts, ends)
  local edges = {}
  if cuts == "bytes" then
    for i = 1, #body - 1 do
      edges[i] = i
    end
  else
    copy_into(edges, cuts)
  end
  edges[#edges + 1] = #body
  local chunks, start = {}, 1
  for i, edge in ipairs(edges) do
    chunks[i] = { text = body:sub(start, edge), is_last = ends ~= false and i == #edges }
    start = edge + 1
  end
  return chunks
end

local function make_ngx(scenario, play)
  local request = scenario.request or {}
  return {
    null = cjson.null,
    log = function(_, ...) kong.log.err(...) end,
    now = function() return input.startSeconds + 0.25 end,
    encode_base64 = encode_base64,
    -- No HMAC in plain LuaJIT: the session's tags are tested on the other player.
    hmac_sha1 = function(key, text) return key .. text end,
    var = {
      kong_request_id = input.requestId,
      request_uri = request.uri or "/mcp",
      content_length = request.contentLength,
    },
    header = setmetatable({}, {
      __index = function(_, name) return play.headers[name] end,
      __newindex = function(_, name, value) play.headers[name] = value end,
    }),
    ctx = { buffered_proxying = true, KONG_PROXY_LATENCY = 3, KONG_WAITING_TIME = 40 },
    arg = {},
    req = { start_time = function() return input.startSeconds end },
  }
end

local function set_acl(scenario)
  package.loaded["kong.plugins.acl.groups"] = {
    get_consumer_groups = function()
      local groups = (scenario.request or {}).groups
      if type(groups) == "string" then
        return nil, groups
      elseif groups then
        local result = {}
        for i, name in ipairs(groups) do
          result[i], result[name] = name, name
        end
        return result
      end
    end,
  }
end

local function load_handler()
  for name in pairs(package.loaded) do
    if name:find("^kong%.plugins%.mcp%-guard") then
      package.loaded[name] = nil
    end
  end
  return require "kong.plugins.mcp-guard.handler"
end

-- In a coroutine, as Kong runs access, so that an exit leaves it for good.
local function until_exit(play, is_asked, run, ...)
  local ok, result = coroutine.resume(coroutine.create(run), ...)
  if not ok then
    play.failure, play.source, play.status = tostring(result), "error", 500
  end
  if (not ok or result == fake_kong.EXIT) and not is_asked then
    play.upstream_status = nil
  end
end

local function play_admit(play, admit)
  ngx.ctx.delay_response = admit.isCollecting
  local thread = coroutine.create(kong.mcp_guard.admit)
  assert(coroutine.resume(thread, admit.verdict, admit.admission))
  play.has_left = coroutine.status(thread) == "suspended"
  ngx.ctx.delay_response = nil
end

-- All but the last access phase belong to earlier requests, which go their ways.
local function play_judge(play, judge)
  local plugin_server = dofile(testing .. "/fake-plugin-server.lua")
  plugin_server:install_access(judge.options, judge.answers, judge.instanceFails)
  for i, is_reloaded in ipairs(judge.accesses) do
    ngx.ctx.mcp_guard_request = nil
    if i == #judge.accesses then
      until_exit(play, false, plugin_server.access, plugin_server, is_reloaded)
    else
      plugin_server:access(is_reloaded)
    end
  end
  play.judged = plugin_server.judged
end

local function play_response(scenario, play, handler, config)
  handler:header_filter(config)
  local response = scenario.response or {}
  local body = play.exit and play.exit.body or response.body or ""
  local out = {}
  for _, chunk in ipairs(chunks_of(body, response.cuts, response.ends)) do
    ngx.arg[1], ngx.arg[2] = chunk.text, chunk.is_last
    handler:body_filter(config)
    out[#out + 1] = ngx.arg[1]
  end
  play.body = table.concat(out)
end

local function play_end(play, handler, config, ending)
  local plugin_server = dofile(testing .. "/fake-plugin-server.lua")
  plugin_server:install(ending.answers or {}, ending.isExiting)
  for _ = 1, ending.times or 1 do
    handler:log(config)
  end
  play.delivery = plugin_server:run()
end

local function start(scenario)
  local response = scenario.response or {}
  local status = response.status or 200
  local play = {
    shared = {},
    upstream = { cleared = {}, set = {} },
    errors = {},
    headers = {},
    body = "",
    status = status,
    source = response.source or "service",
    upstream_status = response.upstreamStatus or status,
  }
  if response.upstreamStatus == cjson.null then
    play.upstream_status = nil
  end
  copy_into(play.headers, response.headers)
  copy_into(play.shared, scenario.shared)
  return play
end

local function play_scenario(scenario)
  local play = start(scenario)
  kong, ngx = fake_kong.make(scenario, play), make_ngx(scenario, play)
  copy_into(ngx.ctx, scenario.context)
  set_acl(scenario)
  local handler = load_handler()
  local config = { scan_limit_bytes = 1048576, log_refusals = true }
  copy_into(config, scenario.config)
  local configs = scenario.configs
  if configs == nil then
    configs = { { route_id = "route-1" } }
  end
  handler:configure(present(configs))
  if scenario.facts then
    play.facts = kong.mcp_guard.facts(scenario.facts)
  end
  if scenario.admit then
    play_admit(play, scenario.admit)
  end
  if scenario.judge then
    play_judge(play, scenario.judge)
  end
  if scenario.refuse then
    until_exit(play, false, kong.mcp_guard.refuse, unpack(scenario.refuse))
  elseif scenario.access ~= false and not play.exit then
    until_exit(play, false, handler.access, handler, config)
  end
  play.is_buffered = ngx.ctx.buffered_proxying == true
  copy_into(play.shared, scenario.sharedLater)
  if scenario.buffered then
    play.bufferedAnswer = kong.mcp_guard.buffered()
    if scenario.buffered.refuse then
      until_exit(play, true, kong.mcp_guard.refuse, unpack(scenario.buffered.refuse))
    end
  end
  if scenario.response or play.exit then
    play_response(scenario, play, handler, config)
  end
  if scenario["end"] then
    play_end(play, handler, config, scenario["end"])
  end
  return {
    exit = play.exit, failure = play.failure, facts = play.facts, hasLeft = play.has_left, bufferedAnswer = play.bufferedAnswer,
    isBuffered = play.is_buffered, upstream = play.upstream, status = play.status, headers = play.headers,
    body = play.body, outcome = (ngx.ctx.mcp_guard_state or {}).record, judged = play.judged, serialized = play.serialized, errors = play.errors, delivery = play.delivery,
  }
end

for i, scenario in ipairs(input.scenarios) do
  input.scenarios[i] = play_scenario(scenario)
end
io.write(assert(cjson.encode(input.scenarios)))
