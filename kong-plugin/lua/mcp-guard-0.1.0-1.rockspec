package = "mcp-guard"
version = "0.1.0-1"

-- Installed from a checkout: `luarocks make` in this folder.
source = {
  url = "git+file://.",
}

description = {
  summary = "Keeps mcp-governance fail-closed on Kong, and notes what became of each call.",
  license = "Apache-2.0",
}

dependencies = {
  "lua >= 5.1",
}

build = {
  type = "builtin",
  modules = {
    ["kong.plugins.mcp-guard.answer"] = "kong/plugins/mcp-guard/answer.lua",
    ["kong.plugins.mcp-guard.pdk"] = "kong/plugins/mcp-guard/pdk.lua",
    ["kong.plugins.mcp-guard.coverage"] = "kong/plugins/mcp-guard/coverage.lua",
    ["kong.plugins.mcp-guard.delivery"] = "kong/plugins/mcp-guard/delivery.lua",
    ["kong.plugins.mcp-guard.ending"] = "kong/plugins/mcp-guard/ending.lua",
    ["kong.plugins.mcp-guard.exchange"] = "kong/plugins/mcp-guard/exchange.lua",
    ["kong.plugins.mcp-guard.external"] = "kong/plugins/mcp-guard/external.lua",
    ["kong.plugins.mcp-guard.facts"] = "kong/plugins/mcp-guard/facts.lua",
    ["kong.plugins.mcp-guard.framed"] = "kong/plugins/mcp-guard/framed.lua",
    ["kong.plugins.mcp-guard.handler"] = "kong/plugins/mcp-guard/handler.lua",
    ["kong.plugins.mcp-guard.judge"] = "kong/plugins/mcp-guard/judge.lua",
    ["kong.plugins.mcp-guard.outcome"] = "kong/plugins/mcp-guard/outcome.lua",
    ["kong.plugins.mcp-guard.protocol"] = "kong/plugins/mcp-guard/protocol.lua",
    ["kong.plugins.mcp-guard.record"] = "kong/plugins/mcp-guard/record.lua",
    ["kong.plugins.mcp-guard.refusal"] = "kong/plugins/mcp-guard/refusal.lua",
    ["kong.plugins.mcp-guard.remembering"] = "kong/plugins/mcp-guard/remembering.lua",
    ["kong.plugins.mcp-guard.request"] = "kong/plugins/mcp-guard/request.lua",
    ["kong.plugins.mcp-guard.schema"] = "kong/plugins/mcp-guard/schema.lua",
    ["kong.plugins.mcp-guard.session"] = "kong/plugins/mcp-guard/session.lua",
    ["kong.plugins.mcp-guard.sse"] = "kong/plugins/mcp-guard/sse.lua",
    ["kong.plugins.mcp-guard.tap"] = "kong/plugins/mcp-guard/tap.lua",
    ["kong.plugins.mcp-guard.verdict"] = "kong/plugins/mcp-guard/verdict.lua",
  },
}
