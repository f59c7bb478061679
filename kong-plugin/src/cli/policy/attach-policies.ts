import path from 'node:path';
import type { PolicySettings } from '../../config/plugin-config.ts';
import type { Result } from '../../domain/result.ts';
import type { Snapshot } from '../../domain/snapshot/snapshot.ts';
import type { Io } from '../io.ts';
import { problemAt, type GovernedPlace } from '../kong/governed-place.ts';
import type { KongFile } from '../kong/kong-file.ts';
import type { Problem } from '../problem.ts';
import { parsePolicy } from './parse-policy.ts';
import type { LoadedPolicy, PolicedPlace } from './setup.ts';

/** The document of `--policy`, read once. */
export interface GivenPolicy {
  readonly at: Omit<Problem, 'problem'>;
  readonly snapshot: Result<Snapshot, readonly Problem[]>;
}

interface Context {
  readonly kong: KongFile;
  readonly given: GivenPolicy | undefined;
  readonly io: Io;
}

export interface AttachedPolicies {
  readonly places: readonly PolicedPlace[];
  readonly policies: readonly LoadedPolicy[];
  readonly refused: readonly Problem[];
  readonly unread: readonly Problem[];
}

/**
 * Gives each place the document that its plugin would load. The one of `--policy` stands for whatever the configuration names;
 * where no place names any, it is tried out on all of them.
 */
export const attachPolicies = (places: readonly GovernedPlace[], context: Context): AttachedPolicies => {
  const { given } = context;
  if (given !== undefined) return attachGiven(places, given);
  const policies: LoadedPolicy[] = [];
  const refused: Problem[] = [];
  const unread: Problem[] = [];
  const policed = places.map((place): PolicedPlace => {
    const { policy } = place.config;
    if (policy === undefined) return place;
    const read = readSource(policy.source, { place, context });
    if (read.kind === 'unread') unread.push(read.problem);
    else if (!read.snapshot.ok) refused.push(...read.snapshot.error);
    else {
      const loaded = { snapshot: read.snapshot.value, at: read.at };
      policies.push(loaded);
      return { ...place, policy: loaded };
    }
    return place;
  });
  return { places: policed, policies, refused, unread };
};

const attachGiven = (places: readonly GovernedPlace[], { at, snapshot }: GivenPolicy): AttachedPolicies => {
  if (!snapshot.ok) return { places, policies: [], refused: snapshot.error, unread: [] };
  const policy = { snapshot: snapshot.value, at };
  const isTrial = places.every(({ config }) => config.policy === undefined);
  return {
    places: places.map((place) => (isTrial || place.config.policy !== undefined ? { ...place, policy } : place)),
    policies: [policy],
    refused: [],
    unread: [],
  };
};

type ReadSource =
  | {
      readonly kind: 'read';
      readonly at: Omit<Problem, 'problem'>;
      readonly snapshot: Result<Snapshot, readonly Problem[]>;
    }
  | { readonly kind: 'unread'; readonly problem: Problem };

const readSource = (
  source: PolicySettings['source'],
  { place, context: { kong, io } }: { readonly place: GovernedPlace; readonly context: Context },
): ReadSource => {
  const here = problemAt(kong, place);
  const unread = (problem: string): ReadSource => ({ kind: 'unread', problem: { ...here, problem } });
  if (source.kind === 'inline') {
    const at = { ...here, path: `${here.path ?? ''}: policy.inline` };
    return { kind: 'read', at, snapshot: parsePolicy(source.text, at) };
  }
  if (source.kind === 'url')
    return unread(`the policy comes from ${withoutSecrets(source.url)}: name a copy of it with --policy FILE`);
  // A relative path belongs below the Kong prefix, which only Kong knows.
  if (!path.isAbsolute(source.file))
    return unread(`the policy is ${source.file} below the Kong prefix: name it with --policy FILE`);
  const text = io.readFile(source.file);
  if (!text.ok) return unread(`policy.file: ${source.file}: ${text.error}; name a copy of it with --policy FILE`);
  const at = { file: source.file };
  return { kind: 'read', at, snapshot: parsePolicy(text.value, at) };
};

/** An address may carry a password or a token. */
const withoutSecrets = (text: string): string => {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
};
