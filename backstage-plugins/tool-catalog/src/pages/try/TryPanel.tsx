import { useState } from 'react';
import { Alert, Button, Flex, Link, Select, Tab, TabList, TabPanel, Tabs, Text, TextAreaField } from '@backstage/ui';
import type { Application, ToolDetail } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { ArgumentsForm } from './ArgumentsForm';
import { TryOutcome } from './TryOutcome';
import { useTry } from './useTry';

/** Calls the tool through the gateway, as one of the viewer's applications. */
export const TryPanel = ({ tool }: { readonly tool: ToolDetail }) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.applications());
  return (
    <Outcome loaded={loaded}>
      {(applications) =>
        applications.length === 0 ? (
          <NothingYet
            title="A try needs an application"
            hint='Create one under "My applications and keys" and subscribe it to a plan: a try is judged, limited and billed like any other call.'
            action={<Link href="/applications">My applications and keys</Link>}
          />
        ) : (
          <TryForm tool={tool} applications={applications} />
        )
      }
    </Outcome>
  );
};

const TryForm = ({
  tool,
  applications,
}: {
  readonly tool: ToolDetail;
  readonly applications: readonly Application[];
}) => {
  const [application, setApplication] = useState(applications[0]?.id ?? '');
  const [values, setValues] = useState<object>(tool.example);
  const [text, setText] = useState(() => JSON.stringify(tool.example, undefined, 2));
  const [mode, setMode] = useState<'form' | 'json'>('form');
  const { attempt, run } = useTry();
  const parsed = mode === 'form' ? values : parse(text);
  const start = (): void => {
    if (!(parsed instanceof Error)) void run({ application, server: tool.server, tool: tool.tool, arguments: parsed });
  };
  const choose = (next: 'form' | 'json'): void => {
    // What was filled in goes along, as far as it can be read.
    if (next === 'json') setText(JSON.stringify(values, undefined, 2));
    else if (!(parsed instanceof Error)) setValues(parsed);
    setMode(next);
  };
  return (
    <Flex direction="column" gap="4" pt="4">
      <Select
        label="Call as"
        options={applications.map(({ id, name }) => ({ id, label: name }))}
        selectedKey={application}
        onSelectionChange={(key) => setApplication(String(key))}
        style={{ maxWidth: 320 }}
      />
      <Tabs selectedKey={mode} onSelectionChange={(key) => choose(key === 'json' ? 'json' : 'form')}>
        <TabList>
          <Tab id="form">Form</Tab>
          <Tab id="json">JSON</Tab>
        </TabList>
        <TabPanel id="form">
          <ArgumentsForm schema={tool.inputSchema} value={values} onChange={setValues} />
        </TabPanel>
        <TabPanel id="json">
          <TextAreaField label="Arguments as JSON" rows={12} value={text} onChange={setText} />
        </TabPanel>
      </Tabs>
      {parsed instanceof Error && <Alert status="warning" icon title={`This is not JSON yet: ${parsed.message}`} />}
      <Flex gap="3" align="center">
        <Button
          isPending={attempt.isRunning}
          isDisabled={parsed instanceof Error}
          onPress={start}
          aria-describedby="try-note"
        >
          Call {tool.tool}
        </Button>
        <Text id="try-note" color="secondary">
          A real call: it is governed, metered and billed ({tool.price?.text ?? 'no price'}).
        </Text>
      </Flex>
      <TryOutcome attempt={attempt} />
    </Flex>
  );
};

const parse = (text: string): object | Error => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value
      : new Error('arguments are an object, { ... }');
  } catch (error) {
    return error as Error;
  }
};
