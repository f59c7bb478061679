import type { Config } from '@backstage/config';

export interface DemoSignIn {
  /** Names of User entities that may be chosen. */
  readonly people: readonly string[];
}

const FLAG = 'auth.providers.demo.dangerouslyAllowOutsideDevelopment';

/**
 * Undefined when the provider is not configured. Throws outside of development, where a sign-in without a password must not
 * start by accident.
 */
export const readDemoSignIn = (config: Config, environment: string | undefined): DemoSignIn | undefined => {
  if (!config.has('auth.providers.demo')) return undefined;
  if (environment !== 'development' && config.getOptionalBoolean(FLAG) !== true)
    throw new Error(
      `The demo sign-in lets anybody be anybody, so it starts only with NODE_ENV=development (now ${environment ?? 'unset'}). ` +
        `Remove auth.providers.demo, or set ${FLAG} to true if you know that only you can reach this portal.`,
    );
  const people = (config.getOptionalConfigArray('demoSignIn.people') ?? []).map((person) => person.getString('name'));
  if (people.length === 0)
    throw new Error('auth.providers.demo is configured, but demoSignIn.people lists nobody: add names of users.');
  return { people };
};
