import type { Snapshot } from '../../domain/snapshot/snapshot.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import type { Arguments } from '../command.ts';
import type { Io } from '../io.ts';
import { anonymousConsumers } from '../kong/auth-plugins.ts';
import { findGovernedPlaces, type GovernedPlace } from '../kong/governed-place.ts';
import type { KongConsumer, KongFile } from '../kong/kong-file.ts';
import { readKongFile } from '../kong/read-kong-file.ts';
import type { Problem } from '../problem.ts';
import { attachPolicies, type GivenPolicy } from './attach-policies.ts';
import { parsePolicy } from './parse-policy.ts';

/** A governed place with the policy document that is in force there. */
export interface PolicedPlace extends GovernedPlace {
  readonly policy?: LoadedPolicy;
}

export interface LoadedPolicy {
  readonly snapshot: Snapshot;
  readonly at: Omit<Problem, 'problem'>;
}

/** One state of a gateway's policy, from its files. */
export interface Setup {
  readonly kong: KongFile;
  readonly places: readonly PolicedPlace[];
  /** Each document once. */
  readonly policies: readonly LoadedPolicy[];
  /** Consumers that stand for nobody. */
  readonly anonymous: ReadonlySet<KongConsumer>;
}

/** What was read, with everything that is wrong with it. */
export interface ReadSetup {
  readonly setup: Setup;
  /** Configurations and documents that the plugin would refuse. */
  readonly refused: readonly Problem[];
  /** Documents that only the gateway can reach. */
  readonly unread: readonly Problem[];
}

export interface SetupFiles {
  readonly kong: string;
  readonly policy?: string | undefined;
}

export const DEFAULT_KONG_FILE = 'kong.yml';

/** The files that the options `--kong` and `--policy` name. */
export const loadSetup = (parameters: Arguments, io: Io): Result<Setup, readonly Problem[]> =>
  readSetup({ kong: parameters.option('kong') ?? DEFAULT_KONG_FILE, policy: parameters.option('policy') }, io);

/** For answers: half a policy would answer wrongly, so that all of it must be there and valid. */
export const readSetup = (files: SetupFiles, io: Io): Result<Setup, readonly Problem[]> => {
  const read = readSetupLoosely(files, io);
  if (!read.ok) return read;
  const { setup, refused, unread } = read.value;
  const problems = [...refused, ...unread];
  return problems.length > 0 ? failure(problems) : success(setup);
};

/** For checks: fails only when a file cannot be read at all. */
export const readSetupLoosely = (files: SetupFiles, io: Io): Result<ReadSetup, readonly Problem[]> => {
  const kong = readFile(files.kong, { io, hint: 'name the declarative configuration with --kong FILE' }, readKongFile);
  const given = readGivenPolicy(files.policy, io);
  if (!kong.ok || !given.ok) return failure([...(kong.ok ? [] : kong.error), ...(given.ok ? [] : given.error)]);
  const { places, problems } = findGovernedPlaces(kong.value);
  const attached = attachPolicies(places, { kong: kong.value, given: given.value, io });
  return success({
    setup: {
      kong: kong.value,
      places: attached.places,
      policies: attached.policies,
      anonymous: anonymousConsumers(kong.value),
    },
    refused: [...problems, ...attached.refused],
    unread: attached.unread,
  });
};

const readGivenPolicy = (file: string | undefined, io: Io): Result<GivenPolicy | undefined, readonly Problem[]> =>
  file === undefined
    ? success(undefined)
    : readFile(file, { io, hint: 'name the policy document with --policy FILE' }, (text, name) =>
        success({ at: { file: name }, snapshot: parsePolicy(text, { file: name }) }),
      );

export const readFile = <Value>(
  file: string,
  { io, hint }: { readonly io: Io; readonly hint?: string },
  parse: (text: string, file: string) => Result<Value, readonly Problem[]>,
): Result<Value, readonly Problem[]> => {
  const text = io.readFile(file);
  if (text.ok) return parse(text.value, file);
  return failure([{ file, problem: hint === undefined ? text.error : `${text.error}; ${hint}` }]);
};
