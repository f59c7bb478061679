-- Kong's PDK as far as mcp-guard sees it, for play-scenarios.lua.

local cjson = require "cjson.safe"

local fake = {
  -- What a coroutine yields that `kong.response.exit` leaves for good.
  EXIT = {},
}

local function present(value)
  if value ~= cjson.null then
    return value
  end
end

local function first(value) return type(value) == "table" and value[1] or value end

local function entity(id, default)
  if id ~= cjson.null then
    return { id = id or default }
  end
end

-- The part of Kong that mcp-guard sees. `play` is the scenario's state and result.
function fake.make(scenario, play)
  local request = scenario.request or {}
  local function raising(path, call)
    return function(...)
      if scenario.raises == path then
        error("function cannot be called in this phase: " .. path)
      end
      return call(...)
    end
  end

  local consumer = request.consumer
  if consumer == nil then
    consumer = { id = "consumer-1" }
  end

  return {
    ctx = { shared = play.shared, plugin = {} },
    request = {
      get_method = function() return request.method or "POST" end,
      get_scheme = function() return "http" end,
      get_header = raising("kong.request.get_header", function(name) return first((request.headers or {})[name]) end),
      get_headers = function() return request.headers or {}, request.headersTruncated and "truncated" or nil end,
      get_raw_body = function()
        if request.bodyRaises then
          error("http2 requests without content-length are not supported")
        end
        if request.bodyError then
          return nil, request.bodyError
        end
        return request.body or ""
      end,
    },
    client = {
      get_consumer = function() return present(consumer) end,
      get_credential = function() return request.credential end,
      get_forwarded_ip = function() return "192.0.2.7" end,
    },
    router = {
      get_route = function() return entity(request.route, "route-1") end,
      get_service = function() return entity(request.service, "service-1") end,
    },
    service = {
      request = {
        clear_header = function(name) table.insert(play.upstream.cleared, name) end,
        set_header = function(name, value)
          if type(value) ~= "string" then
            error("invalid header value")
          end
          play.upstream.set[name] = value
        end,
        set_raw_query = function(query) play.upstream.query = query end,
      },
      response = {
        get_status = raising("kong.service.response.get_status", function() return play.upstream_status end),
        get_header = function(name) return first(play.headers[name]) end,
        get_raw_body = raising("kong.service.response.get_raw_body", function() return scenario.buffered.body end),
      },
    },
    response = {
      exit = function(status, body, headers)
        play.exit = { status = status, body = body or "", headers = headers or {} }
        play.source, play.status = "exit", status
        for name, value in pairs(play.exit.headers) do
          play.headers[name:lower()] = value
        end
        -- As on Kong: the coroutine of the phase is left for good, through any pcall.
        coroutine.yield(fake.EXIT)
      end,
      get_status = function() return play.status end,
      get_source = raising("kong.response.get_source", function() return play.source end),
      get_header = function(name) return first(play.headers[name]) end,
      get_headers = function() return play.headers end,
      set_status = function(status) play.status = status end,
      set_header = function(name, value) play.headers[name] = value end,
      clear_header = function(name) play.headers[name] = nil end,
    },
    log = {
      err = function(...)
        local parts = {}
        for i = 1, select("#", ...) do
          parts[i] = tostring((select(i, ...)))
        end
        table.insert(play.errors, table.concat(parts))
      end,
      set_serialize_value = function(_, value) play.serialized = value end,
    },
  }
end

return fake
