import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import { readDemoSignIn } from './readDemoSignIn';

const people = [{ name: 'dev-anna', title: 'Anna', description: '' }];
const config = (demo: JsonObject | undefined, list: JsonObject[] = people) =>
  new ConfigReader({
    ...(demo === undefined ? {} : { auth: { providers: { demo } } }),
    demoSignIn: { people: list },
  });

describe('the settings of the demo sign-in', () => {
  it('are absent when the provider is not configured, in production too', () => {
    expect(readDemoSignIn(config(undefined), 'production')).toBeUndefined();
  });

  it('list the people in development', () => {
    expect(readDemoSignIn(config({}), 'development')).toEqual({ people: ['dev-anna'] });
  });

  it.each(['production', 'test', undefined])('refuse to start with NODE_ENV=%s and say what to do', (environment) => {
    expect(() => readDemoSignIn(config({}), environment)).toThrow(
      /starts only with NODE_ENV=development .*Remove auth\.providers\.demo, or set auth\.providers\.demo\.dangerouslyAllowOutsideDevelopment to true/,
    );
    expect(() => readDemoSignIn(config({ dangerouslyAllowOutsideDevelopment: false }), environment)).toThrow();
  });

  it('start in production with the explicit flag', () => {
    const flagged = config({ dangerouslyAllowOutsideDevelopment: true });
    expect(readDemoSignIn(flagged, 'production')).toEqual({ people: ['dev-anna'] });
  });

  it('refuse to start with nobody to choose', () => {
    expect(() => readDemoSignIn(config({}, []), 'development')).toThrow(/demoSignIn\.people lists nobody/);
  });
});
