import type { IdentityApi } from '@backstage/core-plugin-api';
import type { Person } from './readPeople';

const KEY = 'mcp-governance/demo-person';

/** Kept for the tab, so that two tabs can be two people and a reload stays the same one. */
export const chosenPerson = {
  read: (people: readonly Person[]): string | undefined => {
    const name = sessionStorage.getItem(KEY);
    return people.find((person) => person.name === name)?.name;
  },
  keep: (name: string): void => sessionStorage.setItem(KEY, name),
  forget: (): void => sessionStorage.removeItem(KEY),
};

/** The identity, whose sign-out also leads back to the choice of people. */
export const forgettingPerson = (identity: IdentityApi): IdentityApi => ({
  getProfileInfo: () => identity.getProfileInfo(),
  getBackstageIdentity: () => identity.getBackstageIdentity(),
  getCredentials: () => identity.getCredentials(),
  signOut: async () => {
    chosenPerson.forget();
    await identity.signOut();
  },
});
