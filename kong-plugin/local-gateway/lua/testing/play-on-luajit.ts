import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { likeMessagePack, requestId, type PlayScenarios, type ScenarioResult } from './scenario.ts';
import { startSeconds } from './fake-kong.ts';

export const luaFolder = fileURLToPath(new URL('../../../lua', import.meta.url));
const runner = fileURLToPath(new URL('./play-scenarios.lua', import.meta.url));

/** Real LuaJIT with lua-cjson, what Kong runs on. Optional on a developer's machine. */
export const hasLuaJit = spawnSync('luajit', ['-e', 'require "cjson.safe"']).status === 0;

export const playOnLuaJit: PlayScenarios = (scenarios) => {
  const input = JSON.stringify({ requestId, startSeconds, scenarios });
  const { status, stdout, stderr } = spawnSync('luajit', [runner, luaFolder, path.dirname(runner)], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`luajit failed: ${stderr}`);
  return likeMessagePack(JSON.parse(stdout)) as ScenarioResult[];
};
