import { checkSnapshot } from '../../domain/snapshot/check-snapshot.ts';
import { toProblem } from '../policy/parse-policy.ts';
import type { Setup } from '../policy/setup.ts';
import { warningAt, type Finding } from './finding.ts';

/** What a policy document probably says by mistake, and whether the plugin would load it at all. */
export const checkPolicies = (setup: Setup): readonly Finding[] => {
  const knownServers = [...new Set(setup.places.map(({ server }) => server))];
  return [
    ...setup.policies.flatMap(({ snapshot, at }) =>
      checkSnapshot(snapshot, { knownServers }).map((issue) => {
        const { problem, ...place } = toProblem(issue, at);
        return warningAt(place, problem);
      }),
    ),
    ...unusedPolicy(setup),
  ];
};

/** A document of `--policy` that no plugin names is only tried out. */
const unusedPolicy = ({ kong, places, policies }: Setup): readonly Finding[] => {
  const [policy] = policies;
  if (policy === undefined || places.some(({ config }) => config.policy !== undefined)) return [];
  return [
    warningAt(
      policy.at,
      `no plugin in ${kong.file} names a policy, so that none loads this document; set policy.file or policy.url`,
    ),
  ];
};
