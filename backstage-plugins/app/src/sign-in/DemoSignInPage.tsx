import { ProxiedSignInPage } from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/core-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { useState } from 'react';
import { chosenPerson, forgettingPerson } from './chosenPerson';
import { PersonChooser } from './PersonChooser';
import { readPeople } from './readPeople';

/** Whoever is chosen signs in through the auth provider `demo` of the backend; there is no password. */
export const DemoSignInPage = ({ onSignInSuccess }: SignInPageProps) => {
  const people = readPeople(useApi(configApiRef));
  const [name, setName] = useState(() => chosenPerson.read(people));
  if (name === undefined)
    return (
      <PersonChooser
        people={people}
        onChoose={(chosen) => {
          chosenPerson.keep(chosen);
          setName(chosen);
        }}
      />
    );
  return (
    <ProxiedSignInPage
      provider="demo"
      headers={{ 'x-demo-user': name }}
      onSignInSuccess={(identity) => onSignInSuccess(forgettingPerson(identity))}
    />
  );
};
