import type { ItemKind } from '../../kong-plugin/src/domain/call.ts';
import { inSession, legacy, modern, post, type Consumer, type CorpusCase, type Expectation } from './case.ts';
import { passes } from './expectations.ts';

const visible: Readonly<Record<Consumer, readonly string[]>> = {
  'acme-support': ['search_orders', 'generate_report', 'confirm_refund'],
  'acme-billing': ['search_orders', 'create_invoice'],
  'globex-agent': ['search_orders'],
};

const consumers = Object.keys(visible) as Consumer[];
const filtered = (names: readonly string[], kind: ItemKind = 'tool'): Expectation =>
  passes('list', 'lifecycle:filtered-list', { shows: { kind, names } });

const toolLists: readonly CorpusCase[] = consumers.flatMap((as) => {
  const shows = visible[as];
  return [
    {
      name: `tools/list of ${as} shows ${shows.length} tools in the legacy era`,
      as,
      to: 'mcp',
      request: inSession(legacy('tools/list'), as),
      expect: filtered(shows),
    },
    {
      name: `tools/list of ${as} shows ${shows.length} tools in the modern era`,
      as,
      to: 'mcp',
      request: modern('tools/list'),
      expect: filtered(shows),
    },
  ] as const;
});

const otherLists = [
  ['prompts/list', 'prompt'],
  ['resources/list', 'resource'],
  ['resources/templates/list', 'resourceTemplate'],
] as const;

const emptyLists: readonly CorpusCase[] = otherLists.flatMap(
  ([method, kind]) =>
    [
      {
        name: `${method} shows nothing in the legacy era`,
        as: 'acme-support',
        to: 'mcp',
        request: inSession(legacy(method), 'acme-support'),
        expect: filtered([], kind),
      },
      {
        name: `${method} shows nothing in the modern era`,
        as: 'globex-agent',
        to: 'mcp',
        request: modern(method),
        expect: filtered([], kind),
      },
    ] as const,
);

const asked: readonly CorpusCase[] = [
  {
    name: 'a list for which gzip is accepted is filtered all the same',
    as: 'globex-agent',
    to: 'mcp',
    request: modern('tools/list', {}, { 'accept-encoding': 'gzip, deflate, br' }),
    expect: filtered(visible['globex-agent']),
  },
  {
    name: 'a list with an escaped method is filtered all the same',
    as: 'globex-agent',
    to: 'mcp',
    request: inSession(post('{"jsonrpc":"2.0","id":7,"method":"tools\\u002flist"}'), 'globex-agent'),
    expect: filtered(visible['globex-agent']),
  },
];

export const lists: readonly CorpusCase[] = [...toolLists, ...emptyLists, ...asked];
