/** A plugin whose phases do what the headers `x-access`, `x-response` and `x-log` of the request say. */
export const scriptedPlugin = (phases: {
  readonly response: boolean;
}): { readonly name: string; readonly source: string } => ({
  name: 'scripted',
  source: `
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const actions = {
  'throw': async () => { throw new Error('boom'); },
  'throw-sync': () => { throw new Error('boom'); },
  'reject-later': async () => { setTimeout(() => Promise.reject(new Error('unhandled')), 0); await wait(1000); },
  'process-exit': async () => process.exit(3),
  'lua-error': async (kong) => { await kong.service.request.setMethod('NOPE'); },
  'exit': async (kong) => kong.response.exit(403, '{"denied":true}', { 'content-type': 'application/json' }),
  'exit-awaited': async (kong) => { await kong.response.exit(403, 'denied'); },
  'never': () => new Promise(() => undefined),
  'config': async (kong, config) => kong.service.request.setHeader('x-config', config.title),
  'unbuffer': async (kong) => kong.nginx.setCtx('buffered_proxying', false),
  'replace': async (kong) => kong.response.exit(200, 'replaced', { 'content-type': 'text/plain' }),
  'mark': async (kong) => kong.ctx.shared.set('marked', true),
  'environment': async (kong) => kong.service.request.setHeader('x-environment', Object.keys(process.env).join(',')),
  'body': async (kong) => {
    const body = await kong.request.getRawBody();
    await kong.service.request.setHeader('x-length', String(body.length));
  },
  'body-0': async (kong) => {
    const body = await kong.request.getRawBody(0);
    await kong.service.request.setHeader('x-length', String(body.length));
  },
};

class Scripted {
  constructor(config) {
    if (config.title === 'broken') throw new Error('invalid policy: title');
    this.config = config;
  }
  async access(kong) {
    const action = actions[await kong.request.getHeader('x-access')];
    if (action !== undefined) await action(kong, this.config);
  }
  ${
    phases.response
      ? `async response(kong) {
    const action = actions[await kong.request.getHeader('x-response')];
    if (action !== undefined) await action(kong, this.config);
  }`
      : ''
  }
  async log(kong) {
    const name = await kong.request.getHeader('x-log');
    if (name === 'serialize') await kong.log.notice('serialized ', await kong.log.serialize());
    if (name === 'method') await kong.request.getMethod();
    if (name !== undefined) await kong.log.notice('log phase ran: ', name);
  }
}

module.exports = {
  Plugin: Scripted,
  Name: 'scripted',
  Version: '0.1.0',
  Priority: 850,
  Schema: [{ title: { type: 'string', default: 'none' } }],
};
`,
});
