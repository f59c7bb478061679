import { Flex, Link, Text } from '@backstage/ui';
import type { ToolDetail } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Facts } from '../../components/Facts';
import { JsonBlock } from '../../components/JsonBlock';
import { kindName, nameOfRef } from '../../components/names';
import { StateBadge } from '../../components/StateBadge';

/** The server's own words and schema, and who may call the tool. */
export const ToolAbout = ({ tool }: { readonly tool: ToolDetail }) => (
  <Flex direction="column" gap="5" pt="4">
    <Text as="p" variant="body-large">
      {tool.description || 'The server does not describe it.'}
    </Text>
    <Facts
      facts={[
        ['Kind', kindName(tool.kind)],
        ['Server', <Link href={entityPath(tool.entityRef)}>{tool.server}</Link>],
        ['Owner', nameOfRef(tool.owner)],
        ['Price', tool.price?.text ?? 'no price'],
        ...(tool.operation === undefined
          ? []
          : [['Operation', `${tool.operation.method} ${tool.operation.path}`] as const]),
        [
          'My access',
          tool.myAccess.length === 0
            ? 'none'
            : tool.myAccess.map(({ application, state }) => (
                <StateBadge key={application} state={state} label={`${application}: ${state}`} />
              )),
        ],
      ]}
    />
    <section aria-labelledby="who-may-call">
      <Text as="h2" id="who-may-call" variant="title-x-small">
        Who may call it
      </Text>
      <ul>
        {tool.accessInWords.map((sentence) => (
          <li key={sentence}>
            <Text>{sentence}</Text>
          </li>
        ))}
      </ul>
    </section>
    <section aria-labelledby="arguments">
      <Text as="h2" id="arguments" variant="title-x-small">
        Arguments
      </Text>
      <JsonBlock value={tool.inputSchema} label="JSON Schema of the arguments" />
    </section>
    <section aria-labelledby="example">
      <Text as="h2" id="example" variant="title-x-small">
        Example
      </Text>
      <JsonBlock value={tool.example} label="Example arguments" />
    </section>
  </Flex>
);

/** `api:default/orders-mcp` -> the catalog's page of it. */
const entityPath = (ref: string): string => {
  const [kind = '', rest = ''] = ref.split(':');
  const [namespace = 'default', name = ''] = rest.split('/');
  return `/catalog/${namespace}/${kind}/${name}`;
};
