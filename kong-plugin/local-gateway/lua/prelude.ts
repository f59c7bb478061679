/**
 * Makes fengari's Lua 5.3 look like OpenResty's LuaJIT (Lua 5.1): what 5.1 has is added, what 5.1 lacks is taken away,
 * so that code which runs here does not surprise on Kong. `is_exit` comes from the host.
 */
export const prelude = `
local is_exit = ...
local raw_pcall, raw_xpcall, raw_resume, raw_tostring = pcall, xpcall, coroutine.resume, tostring
local math_type, floor, format = math.type, math.floor, string.format

-- kong.response.exit ends the request: no pcall may catch it.
local function pass(ok, ...)
  if not ok and is_exit((...)) then
    error((...), 0)
  end
  return ok, ...
end

function pcall(...)
  return pass(raw_pcall(...))
end

function xpcall(f, handler, ...)
  return pass(raw_xpcall(f, function(err)
    if is_exit(err) then
      return err
    end
    return handler(err)
  end, ...))
end

function coroutine.resume(...)
  return pass(raw_resume(...))
end

-- 5.1 has one kind of number: 3.0 prints as 3.
function tostring(value)
  if math_type(value) == "float" and value == floor(value) and value > -1e15 and value < 1e15 then
    return format("%.0f", value)
  end
  return raw_tostring(value)
end

unpack = table.unpack
loadstring = load
math.pow = function(base, exponent) return base ^ exponent end
math.mod = math.fmod
table.getn = function(list) return #list end

utf8, math.type, math.tointeger, math.ult = nil, nil, nil, nil
string.pack, string.unpack, string.packsize, table.move = nil, nil, nil, nil
`;

/**
 * Finds a function below the globals as Kong's plugin server does (rpc/util.lua) and calls it, in a coroutine as Kong does in
 * the access phase (kong/init.lua): one that yields never comes back.
 */
export const callPathSource = `
local leave, path = ...
local node = _G
for segment in string.gmatch(path, "[%w_]+") do
  if type(node) ~= "table" then
    return nil
  end
  node = node[segment]
end
if type(node) ~= "function" then
  return nil
end
local thread = coroutine.create(node)
local ok, result = coroutine.resume(thread, select(3, ...))
if not ok then
  error(result, 0)
end
if coroutine.status(thread) == "suspended" then
  leave()
end
return result
`;

/** `require` asks the host only: no file outside the plugin's folder is ever loaded. */
export const searcherSource = `
package.searchers = { package.searchers[1], host_searcher }
package.loaders = package.searchers
package.path, package.cpath = "", ""
host_searcher = nil
`;
