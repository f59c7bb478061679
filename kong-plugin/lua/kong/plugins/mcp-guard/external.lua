-- mcp-governance as this request meets it: its handler, through which Kong speaks to the plugin server, and the
-- configuration that concerns the request. Kong keeps both with the request, also when another plugin answered before ours
-- was asked (kong/runloop/plugins_iterator.lua).

local PLUGIN = "mcp-governance"

local external = { NAME = PLUGIN }

function external.find()
  local collected = ngx.ctx.plugins and ngx.ctx.plugins.response
  for i = 2, collected and collected[0] or 0, 2 do
    if collected[i - 1].name == PLUGIN then
      return collected[i - 1].handler, collected[i]
    end
  end
end

return external
