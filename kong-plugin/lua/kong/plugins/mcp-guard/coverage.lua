-- Where mcp-guard is enabled. The JS plugin governs nothing that is not covered: without the guard behind it Kong lets
-- traffic pass when the plugin server is gone.

local coverage = {}

local everywhere = false
local routes, services, pairs_of_both = {}, {}, {}

-- Kong calls the plugin's `configure` with all its configurations, or nil, at each change (plugins_iterator.lua).
function coverage.set(configs)
  everywhere, routes, services, pairs_of_both = false, {}, {}, {}
  for _, config in ipairs(configs or {}) do
    local route, service = config.route_id, config.service_id
    if config.consumer_id then
      -- One consumer's traffic only: others on the same route would go unguarded.
    elseif route and service then
      pairs_of_both[route .. ":" .. service] = true
    elseif route then
      routes[route] = true
    elseif service then
      services[service] = true
    else
      everywhere = true
    end
  end
end

function coverage.includes(route, service)
  if everywhere then
    return true
  end
  if route and routes[route] or service and services[service] then
    return true
  end
  return route ~= nil and service ~= nil and pairs_of_both[route .. ":" .. service] == true
end

return coverage
