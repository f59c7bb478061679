-- Binds the legacy era's session id to the caller: the client sees `<id>.<tag>`, the tag an HMAC under a key that only
-- this caller's requests are checked with. Another caller who learns the id cannot use it, and no node keeps state.

local gsub = string.gsub

local HEADER = "mcp-session-id"
-- The JS plugin takes at most 1,024 bytes back (session-binding.ts): this, a dot and 27 of tag. SDK servers use 36.
local MAX_ID_BYTES = 996

local session = {}

local function is_plain(id)
  return type(id) == "string" and #id > 0 and #id <= MAX_ID_BYTES and not id:find("[^\33-\126]")
end

function session.sign(key, id)
  local tag = ngx.encode_base64(ngx.hmac_sha1(key, id))
  tag = gsub(gsub(gsub(tag, "%+", "-"), "/", "_"), "=", "")
  return id .. "." .. tag
end

local function replace(key, is_success)
  -- Of ngx itself, which finds it among any number of headers; Kong's getters make a table of the first hundred or thousand.
  local id = ngx.header[HEADER]
  if id == nil then
    return
  end
  if is_success and is_plain(id) then
    kong.response.set_header(HEADER, session.sign(key, id))
  else
    -- Several ids, one that no client could send back, or one on an error: nothing that was not signed passes.
    kong.response.clear_header(HEADER)
  end
end

function session.protect(key, status)
  local ok, err = pcall(replace, key, status >= 200 and status < 300)
  if not ok then
    kong.response.clear_header(HEADER)
    kong.log.err("mcp-guard could not sign the session id: ", err)
  end
end

return session
