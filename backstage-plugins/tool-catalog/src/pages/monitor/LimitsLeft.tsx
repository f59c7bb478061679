import { useState } from 'react';
import { Card, CardBody, CardHeader, Flex, Link, Select, Text } from '@backstage/ui';
import type { Application, LimitLeft } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { count, moment } from '../../components/names';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { usePolling } from '../../hooks/usePolling';
import { useToolCatalog } from '../../hooks/useToolCatalog';

interface LimitsLeftProps {
  readonly server: string;
  readonly tool: string;
  readonly pollMs: number;
}

/** What the limits have left for one of the viewer's applications, as the next call would be told. */
export const LimitsLeft = (props: LimitsLeftProps) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.applications());
  return (
    <section aria-label="Limits left">
      <Card>
        <CardHeader>
          <Text as="h2" variant="title-x-small">
            Limits left
          </Text>
        </CardHeader>
        <CardBody>
          <Outcome loaded={loaded}>
            {(applications) =>
              applications.length === 0 ? (
                <Text as="p">
                  Limits are counted for an application. Create one under{' '}
                  <Link href="/applications">My applications and keys</Link>.
                </Text>
              ) : (
                <OfApplication {...props} applications={applications} />
              )
            }
          </Outcome>
        </CardBody>
      </Card>
    </section>
  );
};

const OfApplication = ({
  server,
  tool,
  pollMs,
  applications,
}: LimitsLeftProps & { readonly applications: readonly Application[] }) => {
  const catalog = useToolCatalog();
  const [application, setApplication] = useState(applications[0]?.id ?? '');
  const loaded = useLoad(() => catalog.limitsLeft({ application, server, tool }), `${application} ${server} ${tool}`);
  usePolling(loaded.reload, pollMs);
  return (
    <Flex direction="column" gap="3">
      <Select
        label="Application"
        options={applications.map(({ id, name }) => ({ id, label: name }))}
        selectedKey={application}
        onSelectionChange={(key) => setApplication(String(key))}
        style={{ maxWidth: 320 }}
      />
      <Outcome loaded={loaded}>
        {(limits) =>
          limits.length === 0 ? (
            <Text as="p">No limit concerns this tool.</Text>
          ) : (
            <>
              {limits.map((limit) => (
                <OneLimit key={`${limit.rule} ${limit.window ?? ''}`} limit={limit} />
              ))}
            </>
          )
        }
      </Outcome>
    </Flex>
  );
};

const OneLimit = ({ limit }: { readonly limit: LimitLeft }) => {
  const { rule, used, remaining, cost } = limit;
  // A limit of 0, or one that was lowered below what is used, is a full bar.
  const max = Math.max(limit.limit, 1);
  return (
    <Flex direction="column" gap="1">
      <Text>
        {limitInWords(limit)}: {count(remaining)} left
        {cost > 1 && `, and a call takes ${count(cost)}`}
      </Text>
      <progress
        aria-label={`Used of ${limitInWords(limit)}, ${rule}`}
        value={remaining === 0 ? max : Math.min(used, max)}
        max={max}
        style={{ width: '100%', maxWidth: 320, accentColor: 'var(--bui-accent-bg)' }}
      />
      <Text>
        {count(used)} used{resetInWords(limit)} ({rule})
      </Text>
    </Flex>
  );
};

const limitInWords = ({ limit, window }: LimitLeft): string =>
  window === undefined ? `${count(limit)} at a time` : `${count(limit)} a ${window}`;

/** A second is over before it is read. */
const resetInWords = ({ window, resetsAt }: LimitLeft): string => {
  if (window === 'second') return ', resets every second';
  return resetsAt === undefined ? '' : `, resets ${moment(resetsAt)}`;
};
