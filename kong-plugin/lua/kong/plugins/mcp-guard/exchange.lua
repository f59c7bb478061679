-- One question to the plugin server and its answer, in MessagePack of a fixed layout (src/plugin-server/guard-messages.ts).
-- Kong's own client (kong/runloop/plugin_servers/rpc/mp_rpc.lua) copies a message once to send it and twice to read it, into
-- strings that live on as garbage: 13 KB for a call of which 3 KB are wanted.

local char, byte, floor = string.char, string.byte, math.floor

local exchange = {}

-- Not Kong's: it puts a connection back after a timeout, with an answer still to come.
local POOL = { pool = "mcp-guard" }

-- [0, 0, method, [ ... ]]: the message id never matters, for a connection carries one question at a time.
function exchange.head(method, parameters)
  return "\148\0\0" .. char(0xa0 + #method) .. method .. char(0x90 + parameters)
end

local function big_endian(number)
  return floor(number / 16777216) % 256, floor(number / 65536) % 256, floor(number / 256) % 256, number % 256
end

local last, last_bytes

-- uint 64 of a whole number up to 2^53: an instance, which is mostly the one of the request before.
function exchange.integer(number)
  if number ~= last then
    local high = floor(number / 4294967296)
    local a, b, c, d = big_endian(high)
    last, last_bytes = number, char(0xcf, a, b, c, d, big_endian(number - high * 4294967296))
  end
  return last_bytes
end

-- What stands before the bytes of a bin 32.
function exchange.length(bytes)
  return char(0xc6, big_endian(#bytes))
end

-- What stands before the items of an array 32.
function exchange.count(items)
  return char(0xdd, big_endian(items))
end

local function size_at(text, position)
  local a, b, c, d = byte(text, position, position + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- [1, 0, nil, [kind, length of the first text, both texts]]: a kind below 128, a uint 32, a bin 32.
local function read(connection)
  local head, err = connection:receive(16)
  if not head then
    return nil, err
  end
  local length = size_at(head, 8)
  local rest = size_at(head, 13) - length
  if head:sub(1, 5) ~= "\148\1\0\192\147" or rest < 0 then
    return nil, "an answer of another protocol"
  end
  local first, second
  first, err = connection:receive(length)
  if first then
    second, err = connection:receive(rest)
  end
  if not second then
    return nil, err
  end
  return byte(head, 6), first, second
end

-- `question` is a list of strings. The kind of the answer and its two texts, or nil and what went wrong.
function exchange.ask(path, question)
  local connection, err = ngx.socket.connect("unix:" .. path, POOL)
  if not connection then
    return nil, err
  end
  local sent
  sent, err = connection:send(question)
  if not sent then
    connection:close()
    return nil, err
  end
  local kind, first, second = read(connection)
  if not kind then
    connection:close()
    return nil, first
  end
  connection:setkeepalive()
  return kind, first, second
end

return exchange
