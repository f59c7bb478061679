// A plugin that goes wrong in the way its configuration names. It speaks the guard's protocol like mcp-governance, so that
// what fails is only what the behaviour says.
'use strict';

const { Buffer } = require('node:buffer');

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const never = () => new Promise(() => undefined);

/** Kept over requests on purpose: `verdict_of_another_request` hands out what an earlier request got. */
let rememberedVerdict;

const properVerdict = async (kong, config, changes = {}) => {
  const answer = await kong.mcp_guard.facts({ max_body_bytes: 1048576, groups: false, token: false });
  // No guard on this node: nobody reads the verdict.
  if (answer === undefined || answer === null) return undefined;
  const lines = Buffer.from(answer[0], 'base64').toString('utf8').split('\n');
  const [requestId, consumer] = [lines[0], lines[7]];
  return {
    v: 6,
    consumer: consumer === '' ? '' : JSON.parse(consumer).id,
    scope: 'route',
    scope_id: config.route_id,
    request_id: requestId,
    filter: config.behaviour.startsWith('response'),
    kind: 'mcp',
    id: 1,
    clear_headers: [],
    set_headers: {},
    admission: '{}',
    ...changes,
  };
};

const leave = async (kong, verdict) => {
  if (verdict !== undefined) await kong.nginx.setCtx('mcp_guard_verdict', verdict);
};

const other = '00000000-0000-4000-8000-000000000000';
const changed = (changes) => async (kong, config) => leave(kong, await properVerdict(kong, config, changes));

const accesses = {
  leaves_no_verdict: async () => undefined,
  throws_after_a_call: async (kong) => {
    await kong.request.getMethod();
    throw new Error('after a call');
  },
  throws_after_its_verdict: async (kong, config) => {
    await leave(kong, await properVerdict(kong, config));
    throw new Error('after the verdict');
  },
  rejects_unhandled: async () => {
    Promise.reject(new Error('nobody waits for this'));
    await wait(50);
  },
  throws_in_a_timer: async () => {
    setTimeout(() => {
      throw new Error('in a timer');
    }, 1);
    await wait(50);
  },
  exits_the_process: async () => process.exit(1),
  never_returns: never,
  raises_a_lua_error: async (kong) => {
    await kong.service.request.setMethod('NOPE');
  },
  serializes_in_access: async (kong) => {
    await kong.log.serialize();
  },
  exits_awaited: async (kong) => {
    await kong.response.exit(403, '{"refused":true}', { 'content-type': 'application/json' });
  },
  exits_not_awaited: async (kong) => {
    void kong.response.exit(403, '{"refused":true}', { 'content-type': 'application/json' });
  },
  verdict_of_another_consumer: changed({ consumer: other }),
  verdict_of_no_consumer: changed({ consumer: '' }),
  verdict_of_another_route: changed({ scope_id: other }),
  verdict_of_an_unknown_scope: changed({ scope: 'planet' }),
  verdict_of_another_version: changed({ v: 1 }),
  verdict_without_admission: changed({ admission: undefined }),
  verdict_that_is_a_word: async (kong) => leave(kong, 'allow'),
  verdict_of_another_request: async (kong, config) => {
    rememberedVerdict = rememberedVerdict || (await properVerdict(kong, config, { request_id: other }));
    await leave(kong, rememberedVerdict);
  },
};

const responses = {
  response_throws: () => {
    throw new Error('in response');
  },
  response_throws_after_a_call: async (kong) => {
    await kong.response.getStatus();
    throw new Error('in response, after a call');
  },
  response_exits_the_process: () => process.exit(1),
  response_never_returns: never,
  response_throws_after_its_mark: async (kong) => {
    await kong.ctx.shared.set('mcp_filtered', true);
    throw new Error('between mark and replacement');
  },
  response_dies_after_its_mark: async (kong) => {
    await kong.ctx.shared.set('mcp_filtered', true);
    process.kill(process.pid, 'SIGKILL');
    await never();
  },
  response_returns_without_a_mark: async () => undefined,
  response_exits_without_a_mark: async (kong) => {
    await kong.response.exit(200, '{"tools":["delete_order"]}', { 'content-type': 'application/json' });
  },
};

class Plugin {
  constructor(config) {
    if (config.behaviour === 'constructor_throws') throw new Error('in the constructor');
    this.config = config;
  }

  access(kong) {
    if (this.config.behaviour === 'throws_at_once') throw new Error('at once');
    if (this.config.behaviour === 'throws_later')
      return Promise.resolve().then(() => Promise.reject(new Error('later')));
    const access = accesses[this.config.behaviour] || changed({});
    return access(kong, this.config);
  }

  async response(kong) {
    const response = responses[this.config.behaviour];
    if (response !== undefined) return response(kong);
    await kong.ctx.shared.set('mcp_filtered', true);
  }
}

module.exports = {
  Name: 'misbehaving',
  Version: '1.0.0',
  Priority: 850,
  Schema: [{ behaviour: { type: 'string', required: true } }],
  Plugin,
};
