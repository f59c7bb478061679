-- The way of one request through Kong, and nothing else of Kong: key-auth, a plugin of a plugin server over its socket
-- (MessagePack, pooled connections, a coroutine in access), mcp-guard from its own files, a proxied answer.
-- A real Kong does more for every request (router, plugin iterator, balancer, log serializer), for all sides alike.

local cjson = require "cjson.safe"
local msgpack = require "MessagePack"

local ngx = ngx

local CONSUMER = { id = "consumer-1", username = "app-7", tags = { "tenant:acme" } }
local CREDENTIAL = { id = "credential-1" }
local KEY = "test-key-bench"
local ROUTE, SERVICE = { id = "route-1" }, { id = "service-1" }

local function request_table(name)
  local context = ngx.ctx
  local found = context[name]
  if not found then
    found = {}
    context[name] = found
  end
  return found
end

kong = {
  ctx = setmetatable({}, {
    __index = function(_, name)
      return request_table(name)
    end,
  }),
  request = {
    get_header = function(name)
      return ngx.var["http_" .. name:gsub("-", "_")]
    end,
    get_headers = ngx.req.get_headers,
    get_method = ngx.req.get_method,
    get_scheme = function()
      return ngx.var.scheme
    end,
    get_raw_body = function()
      ngx.req.read_body()
      return ngx.req.get_body_data() or ""
    end,
  },
  client = {
    get_consumer = function()
      return ngx.ctx.consumer
    end,
    get_credential = function()
      return ngx.ctx.credential
    end,
    get_forwarded_ip = function()
      return ngx.var.remote_addr
    end,
  },
  router = {
    get_route = function()
      return ROUTE
    end,
    get_service = function()
      return SERVICE
    end,
  },
  service = {
    request = {
      clear_header = ngx.req.clear_header,
      set_header = ngx.req.set_header,
      set_raw_query = ngx.req.set_uri_args,
    },
    response = {
      get_status = function()
        return tonumber((ngx.var.upstream_status or ""):match("%d+$"))
      end,
    },
  },
  response = {
    get_status = function()
      return ngx.status
    end,
    get_source = function()
      return ngx.ctx.has_exited and "exit" or "service"
    end,
    get_header = function(name)
      return ngx.header[name]
    end,
    get_headers = ngx.resp.get_headers,
    set_status = function(status)
      ngx.status = status
    end,
    set_header = function(name, value)
      ngx.header[name] = value
    end,
    clear_header = function(name)
      ngx.header[name] = nil
    end,
  },
  log = {
    err = function(...)
      ngx.log(ngx.ERR, ...)
    end,
    set_serialize_value = function(name, value)
      request_table("serialized")[name] = value
    end,
  },
}

function kong.response.exit(status, body, headers)
  ngx.ctx.has_exited = true
  ngx.status = status
  for name, value in pairs(headers or {}) do
    ngx.header[name] = value
  end
  ngx.print(type(body) == "table" and cjson.encode(body) or body)
  return ngx.exit(status)
end

local guard = require "kong.plugins.mcp-guard.handler"
local guard_config = { scan_limit_bytes = 1048576, log_refusals = true }
guard:configure({ guard_config })

-- One call over one pooled connection, as kong/runloop/plugin_servers/rpc/mp_rpc.lua makes it.
local last_id = 0
local function call(socket, method, argument)
  local id = last_id + 1
  last_id = id
  local connection = assert(ngx.socket.connect("unix:" .. socket))
  assert(connection:send(msgpack.pack({ 0, id, method, { argument } })))
  local read = msgpack.unpacker(function()
    return connection:receiveany(4096)
  end)
  local ok, answer = read()
  assert(ok and answer[2] == id, "no answer from the plugin server")
  connection:setkeepalive()
  assert(answer[3] == nil, answer[3])
  return answer[4]
end

local function function_below_kong(path)
  local found = _G
  for name in path:gmatch("[%w_]+") do
    found = found[name]
  end
  return found
end

-- Runs the access phase in the plugin server.
local function run_access(plugin)
  local step = call(plugin.socket, "plugin.HandleEvent", { InstanceId = plugin.instance, EventName = "access" })
  local event = step.EventId
  while step.Data ~= "ret" do
    local result = function_below_kong(step.Data.Method)(unpack(step.Data.Args))
    step = call(plugin.socket, "plugin.Step", { EventId = event, Data = result })
  end
end

-- What Kong's plugins iterator keeps of the plugin, for longer than a request: mcp-guard puts its own function in the place
-- of `access`.
local collected = {}

local function collect(plugin)
  if not collected[plugin.socket] then
    local handler = {
      server_def = { socket = plugin.socket },
      instance_callbacks = {
        get_instance_id = function()
          return plugin.instance
        end,
      },
      access = function()
        run_access(plugin)
      end,
    }
    collected[plugin.socket] = { name = "mcp-governance", handler = handler, config = { __plugin_id = plugin.id } }
  end
  return collected[plugin.socket]
end

local gateway = {}

local function key_auth()
  if ngx.var.http_apikey ~= KEY then
    return kong.response.exit(401, { message = "No API key found in request" })
  end
  ngx.ctx.consumer, ngx.ctx.credential = CONSUMER, CREDENTIAL
  ngx.req.set_header("X-Consumer-ID", CONSUMER.id)
  ngx.req.set_header("X-Consumer-Username", CONSUMER.username)
  ngx.req.set_header("X-Credential-Identifier", CREDENTIAL.id)
end

-- In a coroutine of its own, which a plugin may leave for good (kong/init.lua).
local function in_coroutine(handler, ...)
  -- A local, as in Kong: nothing else keeps the coroutine from the garbage collector while it waits for a socket.
  local thread = coroutine.create(handler)
  local ok, err = coroutine.resume(thread, ...)
  if not ok then
    ngx.log(ngx.ERR, err)
    return kong.response.exit(500, { message = "An unexpected error occurred" })
  end
end

function gateway.access(plugin)
  ngx.ctx.delay_response = true
  key_auth()
  if plugin then
    local external = collect(plugin)
    ngx.ctx.plugins = { response = { [0] = 2, external, external.config } }
    in_coroutine(external.handler.access, external.handler, external.config)
  end
  if plugin and plugin.guarded then
    in_coroutine(guard.access, guard, guard_config)
  end
  ngx.ctx.delay_response = nil
end

function gateway.header_filter(plugin)
  if plugin and plugin.guarded then
    guard:header_filter(guard_config)
  end
end

function gateway.body_filter(plugin)
  if plugin and plugin.guarded then
    guard:body_filter(guard_config)
  end
end

function gateway.log(plugin)
  if plugin and plugin.guarded then
    guard:log(guard_config)
  end
end

return gateway
