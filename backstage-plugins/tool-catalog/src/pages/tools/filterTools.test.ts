import type { ToolSummary } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { filterTools, type ToolFilter } from './filterTools';

const tool = (server: string, name: string, over: Partial<ToolSummary> = {}): ToolSummary => ({
  ref: `${server}/${name}`,
  server,
  tool: name,
  kind: 'mcp',
  title: '',
  description: 'Searches what customers bought',
  owner: 'group:default/team-orders',
  entityRef: `api:default/${server}`,
  plans: [],
  myAccess: [],
  ...over,
});

const tools = [
  tool('orders', 'search_orders', {
    myAccess: [{ application: 'help-desk', state: 'active' }],
  }),
  tool('commerce', 'listPayments', {
    kind: 'rest',
    description: 'Lists payments',
    owner: 'group:default/team-commerce',
  }),
];
const all: ToolFilter = { query: '', kind: 'all', server: 'all', owner: 'all', access: 'all' };
const found = (filter: Partial<ToolFilter>) => filterTools(tools, { ...all, ...filter }).map(({ tool: name }) => name);

describe('filters of the catalog', () => {
  it.each<[Partial<ToolFilter>, string[]]>([
    [{}, ['search_orders', 'listPayments']],
    [{ query: 'CUSTOMERS  orders' }, ['search_orders']],
    [{ query: 'customers payments' }, []],
    [{ kind: 'rest' }, ['listPayments']],
    [{ server: 'orders' }, ['search_orders']],
    [{ owner: 'group:default/team-commerce' }, ['listPayments']],
    [{ access: 'mine' }, ['search_orders']],
    [{ access: 'none' }, ['listPayments']],
    [{ access: 'mine', kind: 'rest' }, []],
  ])('%j finds %j', (filter, names) => expect(found(filter)).toEqual(names));
});
