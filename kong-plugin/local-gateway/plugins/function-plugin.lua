-- pre-function and post-function: runs the Lua sources of one phase in order. A source that returns a function is an
-- initialiser: from then on that function runs.

local compiled = {}

local function run(sources)
  for index = 1, #(sources or {}) do
    local source = sources[index]
    local chunk = compiled[source]
    if not chunk then
      chunk = assert(loadstring(source, "=function"))
      compiled[source] = chunk
      local result = chunk()
      if type(result) == "function" then
        compiled[source] = result
        result()
      end
    else
      chunk()
    end
  end
end

local Functions = {}

for _, phase in ipairs({ "rewrite", "access", "header_filter", "body_filter", "log" }) do
  Functions[phase] = function(_, config)
    run(config[phase])
  end
end

return Functions
