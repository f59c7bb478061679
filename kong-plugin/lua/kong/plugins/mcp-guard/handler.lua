-- mcp-guard: decides nothing. It sees to it that what mcp-governance (JS, priority 850) decided is what happens: Kong
-- lets traffic pass when a plugin server is gone, hangs or throws, and JS has no header or body filter phase.

local pdk = require "kong.plugins.mcp-guard.pdk"
local coverage = require "kong.plugins.mcp-guard.coverage"
local delivery = require "kong.plugins.mcp-guard.delivery"
local outcome = require "kong.plugins.mcp-guard.outcome"
local protocol = require "kong.plugins.mcp-guard.protocol"
local record = require "kong.plugins.mcp-guard.record"
local refusal = require "kong.plugins.mcp-guard.refusal"
local session = require "kong.plugins.mcp-guard.session"
local tap = require "kong.plugins.mcp-guard.tap"
local verdict = require "kong.plugins.mcp-guard.verdict"

local ipairs, pcall, type = ipairs, pcall, type

-- Kong's command line loads handlers too, partly without the global.
local function publish()
  if kong then
    kong.mcp_guard = { facts = pdk.facts, admit = pdk.admit, refuse = pdk.refuse, buffered = pdk.buffered }
  end
end

publish()

local Guard = {
  PRIORITY = 849,
  VERSION = "0.1.0",
}

function Guard:init_worker()
  publish()
end

function Guard:configure(configs)
  coverage.set(configs)
end

-- Why the request may not pass; nil when it may.
local function admit(state)
  local candidate = ngx.ctx[protocol.VERDICT]
  if type(candidate) == "table" and type(candidate.admission) == "string" then
    state.admission = candidate.admission
  end
  local upgrade = kong.request.get_header("upgrade")
  if upgrade ~= nil and upgrade:lower() ~= "h2c" then
    -- Kong stops buffering for an upgrade, and the unfiltered list would pass (facts: measured). It ignores `h2c`, which
    -- Java's HTTP client sends with every request over plain HTTP.
    return "upgrade"
  end
  local problem = verdict.problem(candidate)
  if not problem then
    verdict.apply(candidate)
    state.verdict = candidate
  end
  return problem
end

-- All members at once: a table that grows by them is made anew four times.
local function new_state()
  return {
    admission = nil,
    verdict = nil,
    refused = nil,
    record = nil,
    tap = nil,
    status = nil,
    is_checked = false,
    blocked = false,
  }
end

function Guard:access(conf)
  local state = new_state()
  ngx.ctx[protocol.STATE] = state
  local ok, problem = pcall(admit, state)
  if not ok then
    kong.log.err("mcp-guard could not apply the verdict: ", problem)
    problem = "no_verdict"
  end
  if problem then
    state.refused = problem
    return refusal.exit(problem, conf.log_refusals ~= false)
  end
end

local function status_of_server()
  local ok, status = pcall(kong.service.response.get_status)
  if ok and type(status) == "number" then
    return status
  end
end

-- A list that the JS response phase should have filtered, and did not. The mark alone is no proof: a plugin server that
-- dies between the mark and the replacement leaves the server's own list in place (seen under load with kill -9). Without
-- the mark no success passes either, whoever answers: a cache would hand out another caller's list, and a list that breaks
-- off in the middle ends as Kong's error page with the server's 200 (kong/init.lua, `Kong.response`).
local function is_unfiltered(state, exchange)
  if not (state.verdict and state.verdict.filter) then
    return false
  elseif exchange.source == "service" then
    return true
  end
  return exchange.source == "exit"
    and (exchange.upstream_status ~= nil or exchange.status < 400)
    and not exchange.refused_by_plugin
    and kong.ctx.shared[protocol.FILTERED] ~= true
end

-- Of ngx itself: kong.response.get_header makes a table of all headers for each.
local function header(name)
  local value = ngx.header[name]
  if type(value) == "table" then
    return value[1]
  end
  return value
end

-- One table for all requests: what is read of it is read before the next one can begin.
local exchange = {}

local function read_exchange(state)
  local refused = ngx.ctx[protocol.REFUSAL]
  local status = kong.response.get_status()
  local method = kong.request.get_method()
  exchange.verdict = state.verdict
  exchange.refused_by_guard = state.refused
  exchange.refused_by_plugin = refused ~= nil
  exchange.admission = state.admission or (refused and refused.admission) or nil
  exchange.source = kong.response.get_source()
  exchange.status = status
  exchange.upstream_status = status_of_server()
  exchange.content_type = header("content-type")
  exchange.content_encoding = header("content-encoding")
  exchange.has_no_body = method == "HEAD" or status == 204 or status == 304
  exchange.blocked = nil
  return exchange
end

local function block(state)
  state.blocked = true
  local response = kong.response
  response.set_status(502)
  for _, name in ipairs({ "content-length", "content-encoding", "etag", "last-modified", "mcp-session-id" }) do
    response.clear_header(name)
  end
  response.set_header("content-type", "application/json")
end

local function add_headers(names, values)
  for i = 1, #names do
    ngx.header[names[i]] = values[i]
  end
end

local function on_head(state, conf)
  local exchange = read_exchange(state)
  if is_unfiltered(state, exchange) then
    block(state)
    exchange.blocked, exchange.status = true, 502
  end
  state.is_checked = true
  local accepted = state.verdict
  if accepted and accepted.session_key and exchange.source ~= "error" and exchange.upstream_status then
    session.protect(accepted.session_key, exchange.status)
  end
  if accepted and accepted.response_names then
    add_headers(accepted.response_names, accepted.response_values)
  end
  local found, mode = outcome.of_head(exchange)
  -- A client that leaves causes no last call of the body filter, so the record is complete from here on.
  state.record = record.new(exchange, found)
  if mode then
    state.tap = tap.new(mode, accepted.id, conf.scan_limit_bytes or 1048576)
    state.status = exchange.upstream_status or exchange.status
  end
end

function Guard:header_filter(conf)
  local state = ngx.ctx[protocol.STATE]
  if not state then
    state = new_state()
    ngx.ctx[protocol.STATE] = state
  end
  local ok, err = pcall(on_head, state, conf)
  if not ok then
    kong.log.err("mcp-guard could not read the response: ", err)
    if state.verdict and state.verdict.filter then
      pcall(block, state)
    end
  end
end

local function finish_tap(state)
  local found, why = state.tap:finish()
  state.tap = nil
  return found or outcome.without_answer(state.status, why)
end

local function on_chunk(state, chunk, is_last)
  local entry = state.record
  if not entry then
    return
  end
  record.add_bytes(entry, chunk and #chunk or 0)
  local found
  if state.tap and chunk then
    state.tap:feed(chunk)
    if state.tap.found then
      found, state.tap = state.tap.found, nil
    end
  end
  if state.tap and is_last then
    found = finish_tap(state)
  end
  if found then
    record.settle(entry, found)
  end
end

-- Not one byte of a list that was not filtered.
local function replace_body(state)
  ngx.arg[1] = not state.is_replaced and refusal.BODY or nil
  ngx.arg[2] = true
  state.is_replaced = true
end

function Guard:body_filter()
  local state = ngx.ctx[protocol.STATE]
  if not state then
    return
  end
  if state.blocked or (state.verdict and state.verdict.filter and not state.is_checked) then
    replace_body(state)
  end
  local ok, err = pcall(on_chunk, state, ngx.arg[1], ngx.arg[2])
  if not ok then
    state.tap = nil
    kong.log.err("mcp-guard could not scan the response: ", err)
  end
end

-- The client left before the server said anything: nobody knows what became of the call, and the head never came.
local function without_head(state)
  return record.new(read_exchange(state), { outcome = "unknown", why = "incomplete" })
end

-- Before Kong's own log plugins, which have lower priorities, see the request.
local function conclude(state, conf)
  local entry = state.record or (state.verdict and without_head(state))
  if entry then
    record.publish(entry, conf.log_records ~= false)
    delivery.add(entry, state.verdict and state.verdict.has_lease)
  end
end

function Guard:log(conf)
  local state = ngx.ctx[protocol.STATE]
  if not state then
    return
  end
  local ok, err = pcall(conclude, state, conf)
  if not ok then
    kong.log.err("mcp-guard could not deliver the record: ", err)
  end
end

return Guard
