-- `read`, asked once for each of the last `limit` texts: for texts of which few are in use, though clients and servers choose
-- them. It never answers nil.

return function(limit, read)
  local known, count = {}, 0
  return function(text)
    local found = known[text]
    if found == nil then
      if count >= limit then
        known, count = {}, 0
      end
      found = read(text)
      known[text], count = found, count + 1
    end
    return found
  end
end
