import { useEntity } from '@backstage/plugin-catalog-react';
import { SERVER_ANNOTATION } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Outcome } from '../components/Outcome';
import { useLoad } from '../hooks/useLoad';
import { useToolCatalog } from '../hooks/useToolCatalog';
import { MonitorPanel } from '../pages/monitor/MonitorPanel';
import { SubscribePanel } from '../pages/subscribe/SubscribePanel';
import { ToolsTable } from '../pages/tools/ToolsTable';
import { ChooseAndTry } from './ChooseAndTry';

/** Name of the entity's server at the gateway; the tabs are shown only where there is one. */
const useServer = (): string => useEntity().entity.metadata.annotations?.[SERVER_ANNOTATION] ?? '';

export const EntityTools = () => {
  const server = useServer();
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.tools({ server }), server);
  return <Outcome loaded={loaded}>{(tools) => <ToolsTable tools={tools} isFiltered={false} />}</Outcome>;
};

export const EntitySubscribe = () => <SubscribePanel server={useServer()} />;

export const EntityTry = () => <ChooseAndTry server={useServer()} />;

export const EntityMonitor = () => <MonitorPanel server={useServer()} />;
