-- `ngx.encode_base64` for plain LuaJIT.

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function encode_base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for j = 3, 0, -1 do
      local index = math.floor(n / 64 ^ j) % 64
      out[#out + 1] = (j == 1 and not b or j == 0 and not c) and "=" or ALPHABET:sub(index + 1, index + 1)
    end
  end
  return table.concat(out)
end

return encode_base64
