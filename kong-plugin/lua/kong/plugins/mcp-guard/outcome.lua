-- What became of the call, as far as the response's head tells; the tap adds what the body tells. Pure.

local tap = require "kong.plugins.mcp-guard.tap"

local outcome = {}

-- What most requests become, for all of them: nobody changes an outcome.
local OK, NONE = { outcome = "ok" }, { outcome = "none" }
local INCOMPLETE = { outcome = "unknown", why = "incomplete" }

-- A status from the server decides only when no JSON-RPC answer does: 4xx was not executed, 5xx failed.
function outcome.without_answer(status, why)
  if status >= 500 then
    return { outcome = "upstream_error" }
  elseif status >= 400 then
    return { outcome = "not_executed" }
  end
  return { outcome = "unknown", why = why }
end

local function of_rest(status)
  if status < 400 then
    return OK
  end
  return outcome.without_answer(status)
end

-- The server was not asked, or did not answer: settled without it.
local function unanswered(exchange)
  if exchange.refused_by_guard then
    return { outcome = "guard_refused", why = exchange.refused_by_guard }
  elseif exchange.refused_by_plugin and not exchange.verdict then
    return { outcome = "refused" }
  elseif not exchange.verdict then
    -- Another plugin answered before ours (401 by key-auth, a CORS preflight, 404): nothing was governed.
    return { outcome = "none", why = "not_governed" }
  elseif exchange.blocked or exchange.refused_by_plugin then
    return { outcome = "unknown", why = "blocked" }
  elseif exchange.source == "error" then
    local failed_before = not exchange.upstream_status and exchange.status == 500
    return { outcome = failed_before and "not_executed" or "upstream_error", why = "gateway" }
  elseif exchange.source == "exit" and not exchange.upstream_status then
    return { outcome = "not_executed", why = "gateway" }
  end
end

local function is_encoded(content_encoding)
  return type(content_encoding) == "string" and content_encoding ~= "" and content_encoding:lower() ~= "identity"
end

-- The outcome so far, and how to scan the body for the rest (`json`, `sse`; nil: nothing more to learn).
function outcome.of_head(exchange)
  local settled = unanswered(exchange)
  if settled then
    return settled
  end
  local verdict = exchange.verdict
  local status = exchange.upstream_status or exchange.status
  if verdict.kind == "rest" then
    return of_rest(status)
  elseif verdict.id == nil then
    return NONE
  elseif exchange.has_no_body then
    return outcome.without_answer(status, "no_answer")
  elseif is_encoded(exchange.content_encoding) then
    return outcome.without_answer(status, "encoded")
  end
  local mode = tap.mode(exchange.content_type)
  if not mode then
    return outcome.without_answer(status, "content_type")
  end
  -- Until the body tells more.
  return status < 400 and INCOMPLETE or outcome.without_answer(status), mode
end

return outcome
