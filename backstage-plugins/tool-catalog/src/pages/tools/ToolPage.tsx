import { useParams, useSearchParams } from 'react-router-dom';
import { Link, Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { CatalogPage } from '../../components/CatalogPage';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { MonitorPanel } from '../monitor/MonitorPanel';
import { SubscribePanel } from '../subscribe/SubscribePanel';
import { TryPanel } from '../try/TryPanel';
import { ToolAbout } from './ToolAbout';

const tabs = ['about', 'subscribe', 'try', 'monitor'] as const;

/** Everything about one tool: what it is, how to get it, a try, and how it is doing. */
export const ToolPage = () => {
  const { server = '', tool = '' } = useParams();
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.tool(server, tool), `${server}/${tool}`);
  const [parameters, setParameters] = useSearchParams();
  const tab = tabs.find((each) => each === parameters.get('tab')) ?? 'about';
  return (
    <CatalogPage title={tool} intro={`At the server ${server}.`}>
      <Link href="/tools">All tools</Link>
      <Outcome loaded={loaded}>
        {(detail) => (
          <Tabs selectedKey={tab} onSelectionChange={(key) => setParameters({ tab: String(key) }, { replace: true })}>
            <TabList>
              <Tab id="about">About</Tab>
              <Tab id="subscribe">Subscribe</Tab>
              <Tab id="try">Try it</Tab>
              <Tab id="monitor">Monitor</Tab>
            </TabList>
            <TabPanel id="about">
              <ToolAbout tool={detail} />
            </TabPanel>
            <TabPanel id="subscribe">
              <SubscribePanel server={server} tool={tool} onChange={loaded.reload} />
            </TabPanel>
            <TabPanel id="try">
              <TryPanel tool={detail} />
            </TabPanel>
            <TabPanel id="monitor">
              <MonitorPanel server={server} tool={tool} />
            </TabPanel>
          </Tabs>
        )}
      </Outcome>
    </CatalogPage>
  );
};
