import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { DemoSignInPage } from './DemoSignInPage';

const people = [
  { name: 'dev-anna', title: 'Anna', description: 'Builds agents' },
  { name: 'fin-fiona', title: 'Fiona', description: 'Finance' },
];

const session = {
  profile: { displayName: 'Fiona' },
  backstageIdentity: {
    token: `e30.${btoa(JSON.stringify({ exp: 4_102_444_800 }))}.c2ln`,
    identity: { type: 'user', userEntityRef: 'user:default/fin-fiona', ownershipEntityRefs: ['group:default/finance'] },
  },
};

describe('the sign-in page of the demo', () => {
  const asked: Request[] = [];
  beforeEach(() => {
    sessionStorage.clear();
    asked.length = 0;
    vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
      asked.push(new Request(input, init));
      return Response.json(session);
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  const show = (onSignInSuccess: (identity: unknown) => void, list: typeof people = people) =>
    renderInTestApp(<DemoSignInPage onSignInSuccess={onSignInSuccess} />, {
      config: { backend: { baseUrl: 'http://portal.test' }, demoSignIn: { people: list } },
    });

  it('lets one of the configured people in, who is asked for by name and remembered in this tab', async () => {
    const onSignInSuccess = vi.fn();
    show(onSignInSuccess);
    await userEvent.click(await screen.findByRole('button', { name: 'Enter as Fiona' }));
    await vi.waitFor(() => expect(onSignInSuccess).toHaveBeenCalledOnce());
    const request = asked.find(({ url }) => url.endsWith('/auth/demo/refresh'));
    expect(request?.headers.get('x-demo-user')).toBe('fin-fiona');
    expect(sessionStorage.getItem('mcp-governance/demo-person')).toBe('fin-fiona');
  });

  it('forgets the person at sign-out', async () => {
    sessionStorage.setItem('mcp-governance/demo-person', 'fin-fiona');
    const onSignInSuccess = vi.fn();
    show(onSignInSuccess);
    await vi.waitFor(() => expect(onSignInSuccess).toHaveBeenCalledOnce());
    await onSignInSuccess.mock.calls[0]?.[0].signOut();
    expect(sessionStorage.getItem('mcp-governance/demo-person')).toBeNull();
  });

  it('asks again when the person of this tab is no longer in the configuration', async () => {
    sessionStorage.setItem('mcp-governance/demo-person', 'somebody-else');
    show(vi.fn());
    expect(await screen.findByRole('heading', { name: 'Who are you today?' })).toBeInTheDocument();
  });

  it('says what is missing when nobody is configured', async () => {
    show(vi.fn(), []);
    expect(await screen.findByText(/no demoSignIn\.people/)).toBeInTheDocument();
  });
});
