import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Flex, SearchField, Select } from '@backstage/ui';
import type { ToolSummary } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { nameOfRef } from '../../components/names';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { filterTools, type ToolFilter } from './filterTools';
import { ToolsTable } from './ToolsTable';

const EVERYTHING = 'all';

/** REST operations and MCP tools, side by side. Filters are kept in the address, so that a view can be shared. */
export const ToolsPage = () => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.tools());
  const [parameters, setParameters] = useSearchParams();
  const [query, setQuery] = useState(parameters.get('query') ?? '');
  const filter: ToolFilter = {
    query,
    kind: parameters.get('kind') ?? EVERYTHING,
    server: parameters.get('server') ?? EVERYTHING,
    owner: parameters.get('owner') ?? EVERYTHING,
    access: parameters.get('access') ?? EVERYTHING,
  };
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(parameters);
    if (value === EVERYTHING || value === '') next.delete(name);
    else next.set(name, value);
    setParameters(next, { replace: true });
  };
  return (
    <CatalogPage intro="Everything that agents and applications can call here: MCP tools and REST operations, with their owner, plans, price and your access.">
      <Outcome loaded={loaded}>
        {(tools) => (
          <>
            <Flex gap="3" align="end" style={{ flexWrap: 'wrap' }}>
              <SearchField
                label="Search tools"
                placeholder="Name, description or server"
                style={{ flex: '1 1 240px' }}
                value={query}
                onChange={(text) => {
                  setQuery(text);
                  change('query', text);
                }}
              />
              <Choice label="Kind" name="kind" value={filter.kind} options={kinds} onChange={change} />
              <Choice label="Server" name="server" value={filter.server} options={serversOf(tools)} onChange={change} />
              <Choice label="Owner" name="owner" value={filter.owner} options={ownersOf(tools)} onChange={change} />
              <Choice label="Access" name="access" value={filter.access} options={accesses} onChange={change} />
            </Flex>
            <FilteredTable tools={tools} filter={filter} />
          </>
        )}
      </Outcome>
    </CatalogPage>
  );
};

const FilteredTable = ({ tools, filter }: { readonly tools: readonly ToolSummary[]; readonly filter: ToolFilter }) => {
  const { query, kind, server, owner, access } = filter;
  const found = useMemo(
    () => filterTools(tools, { query, kind, server, owner, access }),
    [tools, query, kind, server, owner, access],
  );
  return <ToolsTable tools={found} isFiltered={found.length < tools.length} />;
};

interface Option {
  readonly value: string;
  readonly label: string;
}

const kinds: readonly Option[] = [
  { value: EVERYTHING, label: 'MCP and REST' },
  { value: 'mcp', label: 'MCP tools' },
  { value: 'rest', label: 'REST operations' },
];

const accesses: readonly Option[] = [
  { value: EVERYTHING, label: 'Any' },
  { value: 'mine', label: 'My teams have it' },
  { value: 'none', label: 'Not yet' },
];

const serversOf = (tools: readonly ToolSummary[]): readonly Option[] => [
  { value: EVERYTHING, label: 'All' },
  ...[...new Set(tools.map(({ server }) => server))].sort().map((server) => ({ value: server, label: server })),
];

const ownersOf = (tools: readonly ToolSummary[]): readonly Option[] => [
  { value: EVERYTHING, label: 'Anybody' },
  ...[...new Set(tools.map(({ owner }) => owner))].sort().map((owner) => ({ value: owner, label: nameOfRef(owner) })),
];

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (name: string, value: string) => void;
}

const Choice = ({ label, name, value, options, onChange }: ChoiceProps) => (
  <Select
    label={label}
    options={options.map((option) => ({ id: option.value, label: option.label }))}
    selectedKey={value}
    onSelectionChange={(key) => onChange(name, String(key))}
    style={{ flex: '0 1 170px' }}
  />
);
