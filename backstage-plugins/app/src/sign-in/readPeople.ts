import type { ConfigApi } from '@backstage/core-plugin-api';

export interface Person {
  /** Name of the User entity. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** `demoSignIn.people` of the configuration; nobody when it is missing. */
export const readPeople = (config: ConfigApi): readonly Person[] =>
  (config.getOptionalConfigArray('demoSignIn.people') ?? []).map((person) => ({
    name: person.getString('name'),
    title: person.getString('title'),
    description: person.getString('description'),
  }));
