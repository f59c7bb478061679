-- What a JSON-RPC message says about the call with our id.

local cjson = require "cjson.safe"

local floor = math.floor
local type = type

-- A handle is a UUID or similar; a longer one is not worth carrying.
local MAX_TASK_ID_BYTES = 1024
local MAX_SAFE_INTEGER = 2 ^ 53

local function rpc_error(err)
  local code = type(err) == "table" and err.code
  if type(code) ~= "number" or code ~= floor(code) or code > MAX_SAFE_INTEGER or code < -MAX_SAFE_INTEGER then
    code = nil
  end
  return { outcome = "rpc_error", code = code }
end

local function task_id(...)
  for i = 1, select("#", ...) do
    local id = (select(i, ...))
    if type(id) == "string" and #id <= MAX_TASK_ID_BYTES then
      return id
    end
  end
end

-- What most answers say, for all of them: nobody changes an outcome.
local OK = { outcome = "ok" }
local NO_TASK = {}

local function describe(message)
  if message.error ~= nil and message.error ~= cjson.null then
    return rpc_error(message.error)
  end
  local result = message.result
  if type(result) ~= "table" then
    return OK
  end
  local task = type(result.task) == "table" and result.task or NO_TASK
  if result.isError == true then
    return { outcome = "tool_error" }
  elseif result.resultType == "input_required" then
    return { outcome = "input_required" }
  elseif result.resultType == "task" then
    return { outcome = "task", task_id = task_id(task.taskId, result.taskId) }
  elseif type(task.taskId) == "string" then
    -- 2025-11-25: no resultType, the handle alone says so
    return { outcome = "task", task_id = task_id(task.taskId) }
  end
  return OK
end

-- Lua's == tells 1 from "1", as JSON-RPC does.
local function answers(message, id)
  return type(message) == "table"
    and message.method == nil
    and message.id == id
    and (message.result ~= nil or message.error ~= nil)
end

-- The server could not read our id: the error is about the request all the same.
local function answers_unread(message)
  return type(message) == "table"
    and message.jsonrpc == "2.0"
    and message.method == nil
    and (message.id == nil or message.id == cjson.null)
    and type(message.error) == "table"
    and type(message.error.code) == "number"
end

local answer = {}

-- The answer to `id` in one message or a batch of them; nil when there is none.
function answer.find(text, id)
  local decoded = cjson.decode(text)
  if type(decoded) ~= "table" then
    return nil
  end
  local messages = decoded[1] ~= nil and decoded or { decoded }
  for i = 1, #messages do
    if answers(messages[i], id) then
      return describe(messages[i])
    end
  end
  for i = 1, #messages do
    if answers_unread(messages[i]) then
      return rpc_error(messages[i].error)
    end
  end
end

-- Cheap test before decoding: an answer has one of these keys, unless they are written with \u escapes.
function answer.is_possible(text)
  return text:find('"result"', 1, true) ~= nil
    or text:find('"error"', 1, true) ~= nil
    or text:find("\\u", 1, true) ~= nil
end

return answer
