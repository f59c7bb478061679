import { failure, success, type Result } from '../result.ts';

/** Where a rule of OPA is asked. */
export interface OpaAddress {
  readonly url: URL;
  /** OPA listens on a Unix socket; the URL then only says what is asked there. */
  readonly socketPath?: string;
  /** For sentences to the operator. */
  readonly label: string;
}

const protocols: readonly string[] = ['http:', 'https:', 'unix:'];
const segment = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `url` is `http://127.0.0.1:8181`, an https one, or `unix:///run/opa.sock`; `path` is a rule: `mcp/governance/decision`. */
export const readOpaAddress = (url: string, path: string): Result<OpaAddress, string> => {
  const segments = path.replace(/^\/+|\/+$/g, '').split('/');
  if (!segments.every((text) => segment.test(text))) {
    return failure(`The path of the OPA decision must look like mcp/governance/decision, not ${JSON.stringify(path)}.`);
  }
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !protocols.includes(base.protocol)) {
    return failure('The address of OPA must be a URL such as http://127.0.0.1:8181 or unix:///run/opa.sock.');
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    return failure('The address of OPA takes no user, query or fragment; give a token as the token.');
  }
  const rule = `/v1/data/${segments.join('/')}`;
  return base.protocol === 'unix:' ? onSocket(base, rule) : success(overNetwork(base, rule));
};

const overNetwork = (base: URL, rule: string): OpaAddress => {
  const url = new URL(`${base.pathname.replace(/\/+$/, '')}${rule}`, base);
  return { url, label: `${url.origin}${url.pathname}` };
};

const onSocket = (base: URL, rule: string): Result<OpaAddress, string> => {
  if (base.host !== '' || base.pathname.length < 2) {
    return failure('A Unix socket of OPA is named by its whole path, such as unix:///run/opa.sock.');
  }
  return success({
    url: new URL(rule, 'http://localhost'),
    socketPath: base.pathname,
    label: `${base.pathname} ${rule}`,
  });
};
