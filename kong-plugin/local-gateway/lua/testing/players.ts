import { playOnFengari } from './fake-kong.ts';
import { hasLuaJit, playOnLuaJit } from './play-on-luajit.ts';
import { unpackFacts, type PlayScenarios } from './scenario.ts';

export interface Player {
  readonly name: string;
  readonly isPresent: boolean;
  readonly play: PlayScenarios;
}

/** The guard's tests run on both: fengari is always there, LuaJIT is what Kong has. */
export const players: readonly Player[] = [
  { name: 'fengari', isPresent: true, play: (scenarios) => playOnFengari(scenarios).map(unpackFacts) },
  {
    name: hasLuaJit ? 'LuaJIT' : 'LuaJIT (skipped: no luajit with lua-cjson on PATH)',
    isPresent: hasLuaJit,
    play: (scenarios) => playOnLuaJit(scenarios).map(unpackFacts),
  },
];
