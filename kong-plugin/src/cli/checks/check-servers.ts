import { checkRules } from '../../domain/policies/check-rules.ts';
import { describePlace, pluginPlaces, PLUGIN_NAME, problemAt } from '../kong/governed-place.ts';
import type { Setup } from '../policy/setup.ts';
import { warningAt, type Finding } from './finding.ts';

/** What the plugin itself would warn of, and what only the whole file shows. */
export const checkServers = (setup: Setup): readonly Finding[] => [
  ...ruleFindings(setup),
  ...disabledPlugins(setup),
  ...repeatedServers(setup),
];

const ruleFindings = ({ kong, places }: Setup): readonly Finding[] =>
  places.flatMap((place) => {
    const { rules, server } = place.config.server;
    return checkRules(rules, { server: server.kind }).map((problem) => warningAt(problemAt(kong, place), problem));
  });

const disabledPlugins = ({ kong }: Setup): readonly Finding[] =>
  pluginPlaces(kong)
    .filter(({ plugin }) => plugin.name === PLUGIN_NAME && !plugin.enabled)
    .map((each) => warningAt(problemAt(kong, each), 'is disabled: nothing is governed here; remove enabled: false'));

/** Records, limits and invoices name the server; two places with one name cannot be told apart there. */
const repeatedServers = ({ kong, places }: Setup): readonly Finding[] =>
  places.flatMap((place, index) => {
    const first = places.findIndex(({ server }) => server === place.server);
    const other = places[first];
    if (first === index || other === undefined) return [];
    const where = describePlace(other.place);
    return [
      warningAt(
        problemAt(kong, place),
        `the server name ${place.server} is also used by ${where}; records cannot tell them apart`,
      ),
    ];
  });
