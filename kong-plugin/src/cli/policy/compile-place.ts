import { createJudge, type Judge } from '../../domain/judge.ts';
import { mayUseItem } from '../../domain/policies/may-use.ts';
import { compileStanding } from '../../domain/policies/standing.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Item } from '../../domain/item-call.ts';
import { createOpenRules, type FindOpenRules } from './open-rules.ts';
import type { PolicedPlace } from './setup.ts';

/** What one place needs to be asked. */
export interface CompiledPlace {
  readonly judge: Judge;
  readonly findOpenRules: FindOpenRules;
  /** Some arguments could be allowed. */
  readonly couldBeAllowed: (
    caller: Caller,
    item: Item,
    when: { readonly at: number; readonly method: string },
  ) => boolean;
}

/** Compiles each place once, as the plugin does it. */
export const createPlaceCompiler = (): ((place: PolicedPlace) => CompiledPlace) => {
  const known = new Map<PolicedPlace, CompiledPlace>();
  return (place) => {
    const compiled = known.get(place) ?? compilePlace(place);
    known.set(place, compiled);
    return compiled;
  };
};

const compilePlace = ({ config: { server }, policy }: PolicedPlace): CompiledPlace => {
  const standingOf = compileStanding(server, policy?.snapshot);
  return {
    judge: createJudge(server, policy?.snapshot),
    findOpenRules: createOpenRules(policy?.snapshot),
    couldBeAllowed: (caller, { kind, name }, { at, method }) =>
      mayUseItem(standingOf(caller), { kind, name, situation: { phase: 'call', now: at, method } }),
  };
};
