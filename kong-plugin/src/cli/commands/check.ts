import { success, type Result } from '../../domain/result.ts';
import { checkCallers } from '../checks/check-callers.ts';
import { checkCoverage } from '../checks/check-coverage.ts';
import { checkPolicies } from '../checks/check-policies.ts';
import { checkServers } from '../checks/check-servers.ts';
import { errorAt, warningAt, type Finding } from '../checks/finding.ts';
import type { Command, Report } from '../command.ts';
import type { Io } from '../io.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import { DEFAULT_KONG_FILE, readSetupLoosely, type Setup, type SetupFiles } from '../policy/setup.ts';
import { describeProblem, type Problem } from '../problem.ts';
import { plural, printable } from '../table.ts';

export const check: Command = {
  name: 'check',
  summary: 'validate kong.yml and the policy document, for CI',
  usage: '[KONG_FILE] [options]',
  help: `Reads every mcp-governance configuration and the policy document as the plugin does, and looks for ways past
them: a missing mcp-guard or auth plugin, a second route to the same service, rules that never match, names of
consumers, tenants or servers that do not exist.

KONG_FILE is the declarative configuration (default kong.yml); "-" reads standard input.

${sharedHelp('policy')}
  --errors-only     warnings are shown, but only errors count as findings

Exit codes: 0 nothing found, 1 findings, 2 a file cannot be read or is not YAML.`,
  options: { ...sharedOptions('kong', 'policy'), 'errors-only': { type: 'boolean' } },
  positionals: { min: 0, max: 1 },
  run: (parameters, io) => {
    const kong = parameters.positionals[0] ?? parameters.option('kong') ?? DEFAULT_KONG_FILE;
    const checked = checkFiles({ kong, policy: parameters.option('policy') }, io);
    return checked.ok ? success(toReport(checked.value, parameters.flag('errors-only'))) : checked;
  },
};

interface Checked {
  readonly setup: Setup;
  readonly findings: readonly Finding[];
}

/** What cannot be read at all fails; what can be read and is wrong is a finding. */
const checkFiles = (files: SetupFiles, io: Io): Result<Checked, readonly Problem[]> => {
  const read = readSetupLoosely(files, io);
  if (!read.ok) return read;
  const { setup, refused, unread } = read.value;
  const isGoverned = setup.places.length + refused.length > 0;
  return success({
    setup,
    findings: [
      ...refused.map(({ problem, ...place }) => errorAt(place, problem)),
      ...(isGoverned ? [] : [errorAt({ file: files.kong }, 'nothing here carries the plugin mcp-governance')]),
      ...unread.map(({ problem, ...place }) => warningAt(place, `not checked: ${problem}`)),
      ...checkCoverage(setup),
      ...checkServers(setup),
      ...checkCallers(setup),
      ...checkPolicies(setup),
    ],
  });
};

const toReport = ({ setup, findings }: Checked, errorsOnly: boolean): Report => {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.length - errors.length;
  const counts = `${plural(errors.length, 'error')}, ${plural(warnings, 'warning')}`;
  return {
    hasFindings: errorsOnly ? errors.length > 0 : findings.length > 0,
    text: [
      ...findings.map(({ severity, ...problem }) => `${severity.padEnd(7)}  ${printable(describeProblem(problem))}`),
      findings.length === 0 ? `OK: ${describeSetup(setup)}` : `${counts}; ${describeSetup(setup)}`,
    ].join('\n'),
    json: { errors: errors.length, warnings, findings, servers: setup.places.map(({ server }) => server) },
  };
};

const describeSetup = ({ places, kong, policies }: Setup): string => {
  const rules = places.reduce((sum, { config }) => sum + config.server.rules.length, 0);
  const documents = policies.map(
    ({ snapshot }) => `; policy ${snapshot.revision.slice(0, 16)} with ${plural(snapshot.rules.length, 'rule')}`,
  );
  return `${plural(places.length, 'governed place')}, ${plural(rules, 'rule')}, ${plural(kong.consumers.length, 'consumer')}${documents.join('')}`;
};
