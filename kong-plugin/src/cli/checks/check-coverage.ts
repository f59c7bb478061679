import { authPlugins } from '../kong/auth-plugins.ts';
import { problemAt, PLUGIN_NAME, type GovernedPlace } from '../kong/governed-place.ts';
import type { KongFile, KongPlugin, KongRoute } from '../kong/kong-file.ts';
import type { PolicedPlace, Setup } from '../policy/setup.ts';
import { errorAt, warningAt, type Finding } from './finding.ts';

/** Is there a way past the governed place, or a part of it that Kong will not run? */
export const checkCoverage = (setup: Setup): readonly Finding[] =>
  setup.places.flatMap((place) => {
    const at = problemAt(setup.kong, place);
    return [
      ...checkGuard(setup.kong, place).map((problem) => errorAt(at, problem)),
      ...checkAuthentication(setup.kong, place).map((problem) => warningAt(at, problem)),
      ...checkOtherRoutes(setup.kong, place).map((problem) => warningAt(at, problem)),
      ...checkBuffering(place).map((problem) => warningAt(at, problem)),
    ];
  });

/** The plugins that run for every request of the place: each list is one way through. */
const waysThrough = (kong: KongFile, { place }: GovernedPlace): readonly (readonly KongPlugin[])[] => {
  const global = kong.plugins;
  switch (place.kind) {
    case 'service': {
      const ofService = [...global, ...place.service.plugins];
      // A service that no route leads to is not reached at all.
      const { routes } = place.service;
      return routes.length === 0 ? [ofService] : routes.map((route) => [...ofService, ...route.plugins]);
    }
    case 'route':
      return [[...global, ...(place.service?.plugins ?? []), ...place.route.plugins]];
    case 'consumer':
      return [[...global, ...place.consumer.plugins]];
    case 'global':
      return [global];
  }
};

const runs = (plugins: readonly KongPlugin[], names: ReadonlySet<string>): boolean =>
  plugins.some(({ name, enabled }) => enabled && names.has(name));

const checkGuard = (kong: KongFile, place: GovernedPlace): readonly string[] => {
  const { guard } = place.config;
  if (waysThrough(kong, place).every((plugins) => runs(plugins, new Set([guard])))) return [];
  return guard === 'mcp-guard'
    ? [
        `the plugin mcp-guard is missing here: every request will be refused with 503; add "- name: mcp-guard" beside it`,
      ]
    : ['guard is post-function, but there is none here: nothing fails closed; copy the one at the end of kong.yml'];
};

const checkAuthentication = (kong: KongFile, place: PolicedPlace): readonly string[] => {
  const ways = waysThrough(kong, place);
  const { oauth, rules } = place.config.server;
  if (oauth !== undefined && !ways.every((plugins) => runs(plugins, new Set(['jwt']))))
    return ["oauth is set, but Kong's plugin jwt, which verifies the tokens, is missing here"];
  if (ways.every((plugins) => runs(plugins, authPlugins))) return [];
  const allows = [...rules, ...(place.policy?.snapshot.rules ?? [])].filter(({ effect }) => effect === 'allow');
  if (allows.length > 0 && allows.every(({ callers }) => callers.anonymous === true)) return [];
  return [
    'no auth plugin runs here, so that every caller is anonymous; add key-auth, jwt, openid-connect, ... (a custom one is not known to this check)',
  ];
};

/** A second, laxer route to the same service is a way around the first. */
const checkOtherRoutes = (kong: KongFile, { place }: GovernedPlace): readonly string[] => {
  if (place.kind !== 'route' || place.service === undefined) return [];
  const isGoverned = ({ plugins }: { readonly plugins: readonly KongPlugin[] }): boolean =>
    runs(plugins, new Set([PLUGIN_NAME]));
  if (isGoverned(place.service) || isGoverned(kong)) return [];
  return place.service.routes
    .filter((route: KongRoute) => !isGoverned(route))
    .map(
      (route) =>
        `route ${route.name} leads to the same service without governance; put the plugins on service ${place.service?.name ?? ''} instead`,
    );
};

const checkBuffering = ({ place, config }: GovernedPlace): readonly string[] => {
  if (config.server.server.kind !== 'mcp') return [];
  const routes = place.kind === 'service' ? place.service.routes : place.kind === 'route' ? [place.route] : [];
  return routes
    .filter(({ responseBuffering }) => responseBuffering)
    .map(
      ({ name }) => `route ${name} buffers: streams start with their first event only; set response_buffering: false`,
    );
};
