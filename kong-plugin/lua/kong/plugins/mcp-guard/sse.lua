-- Incremental reader of an event stream (WHATWG HTML, "Parsing an event stream") for any cut of the chunks.
-- Keeps at most `limit` bytes: a longer event is skipped, and reading goes on after it.

local byte, find, sub = string.byte, string.find, string.sub
local concat = table.concat

local CR, LF = 13, 10
local BYTE_ORDER_MARK = "\239\187\191"

local Sse = {}
Sse.__index = Sse

-- `on_event(data)` is called with the data of each message event; reading stops when it returns true.
local function new(limit, on_event)
  return setmetatable({
    limit = limit,
    on_event = on_event,
    skipped = false,
    stopped = false,
    -- the line so far
    parts = {},
    line_size = 0,
    line_is_long = false,
    line_is_data = false,
    is_first_line = true,
    after_cr = false,
    -- the event so far
    data = {},
    data_size = 0,
    event_is_long = false,
    event_name = "",
  }, Sse)
end

-- A part of a line. A line past the limit is forgotten, but not whether it was data.
function Sse:add(part)
  if part == "" or self.line_is_long then
    return
  end
  self.parts[#self.parts + 1] = part
  self.line_size = self.line_size + #part
  if self.line_size > self.limit then
    self.line_is_long = true
    self.line_is_data = find(concat(self.parts), "^data:") ~= nil
    self.parts = {}
  end
end

function Sse:add_data(value)
  self.data_size = self.data_size + #value + 1
  if self.data_size > self.limit then
    self.event_is_long = true
    self.data = {}
  end
  if not self.event_is_long then
    self.data[#self.data + 1] = value
  end
end

function Sse:dispatch()
  local data, name, is_long = self.data, self.event_name, self.event_is_long
  self.data, self.data_size, self.event_is_long, self.event_name = {}, 0, false, ""
  if is_long then
    self.skipped = true
  elseif #data > 0 and (name == "" or name == "message") then
    self.stopped = self.on_event(concat(data, "\n")) == true
  end
end

function Sse:field(line)
  local colon = find(line, ":", 1, true)
  if colon == 1 then
    return -- comment
  end
  local name = colon and sub(line, 1, colon - 1) or line
  local value = colon and sub(line, colon + 1) or ""
  if byte(value, 1) == 32 then
    value = sub(value, 2)
  end
  if name == "data" then
    self:add_data(value)
  elseif name == "event" then
    self.event_name = value
  end
end

function Sse:end_line()
  local line = #self.parts == 1 and self.parts[1] or concat(self.parts)
  local is_long, is_data = self.line_is_long, self.line_is_data
  self.parts, self.line_size, self.line_is_long, self.line_is_data = {}, 0, false, false
  if self.is_first_line then
    self.is_first_line = false
    if sub(line, 1, 3) == BYTE_ORDER_MARK then
      line = sub(line, 4)
    end
  end
  if is_long then
    self.event_is_long = self.event_is_long or is_data
  elseif line == "" then
    self:dispatch()
  else
    self:field(line)
  end
end

function Sse:feed(chunk)
  local position, length = 1, #chunk
  if self.after_cr and length > 0 then
    -- CR LF cut between the two
    self.after_cr = false
    if byte(chunk, 1) == LF then
      position = 2
    end
  end
  while position <= length and not self.stopped do
    local stop = find(chunk, "[\r\n]", position)
    if not stop then
      self:add(sub(chunk, position))
      return
    end
    self:add(sub(chunk, position, stop - 1))
    position = stop + 1
    if byte(chunk, stop) == CR then
      if stop == length then
        self.after_cr = true
      elseif byte(chunk, position) == LF then
        position = position + 1
      end
    end
    self:end_line()
  end
end

return { new = new }
