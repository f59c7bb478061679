import { useState } from 'react';
import { Flex, Select } from '@backstage/ui';
import { NothingYet } from '../components/NothingYet';
import { Outcome } from '../components/Outcome';
import { useLoad } from '../hooks/useLoad';
import { useToolCatalog } from '../hooks/useToolCatalog';
import { TryPanel } from '../pages/try/TryPanel';

/** A server's tools to choose from, and the form of the chosen one. */
export const ChooseAndTry = ({ server }: { readonly server: string }) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.tools({ server }), server);
  const [chosen, setChosen] = useState<string>();
  return (
    <Outcome loaded={loaded}>
      {(tools) => {
        const tool = chosen ?? tools[0]?.tool;
        if (tool === undefined) return <NothingYet title="No tools" hint="The server has not shown any yet." />;
        return (
          <Flex direction="column" gap="3" pt="4">
            <Select
              label="Tool"
              options={tools.map((each) => ({ id: each.tool, label: each.tool }))}
              selectedKey={tool}
              onSelectionChange={(key) => setChosen(String(key))}
              style={{ maxWidth: 320 }}
            />
            <OneTool key={tool} server={server} tool={tool} />
          </Flex>
        );
      }}
    </Outcome>
  );
};

const OneTool = ({ server, tool }: { readonly server: string; readonly tool: string }) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.tool(server, tool), `${server}/${tool}`);
  return <Outcome loaded={loaded}>{(detail) => <TryPanel tool={detail} />}</Outcome>;
};
