import { useState, type ReactNode } from 'react';
import { Card, CardBody, CardHeader, Flex, Text } from '@backstage/ui';
import type { Application } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { nameOfRef } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { SubscriptionList } from '../subscribe/SubscriptionList';
import { CreateApplicationDialog } from './CreateApplicationDialog';
import { KeysPanel } from './KeysPanel';
import { SecondFactorPanel } from './SecondFactorPanel';

/** The applications of the viewer's teams: what they have, and their keys. */
export const ApplicationsPage = () => {
  const catalog = useToolCatalog();
  const [change, setChange] = useState(0);
  const loaded = useLoad(async () => {
    const [applications, subscriptions, viewer, factor] = await Promise.all([
      catalog.applications(),
      catalog.subscriptions('mine'),
      catalog.viewer(),
      catalog.secondFactor(),
    ]);
    return { applications, subscriptions, viewer, factor };
  }, String(change));
  const changed = (): void => setChange((before) => before + 1);
  return (
    <CatalogPage intro="An application is what calls tools: it has subscriptions and keys, and is limited, metered and billed. Keys are guarded by your second factor.">
      <Outcome loaded={loaded}>
        {({ applications, subscriptions, viewer, factor }) => (
          <Flex direction="column" gap="5">
            <SecondFactorPanel factor={factor} onChange={changed} />
            {applications.length === 0 ? (
              <NothingYet
                title="No application yet"
                hint="Create one for each agent or program; then subscribe it to a plan and give it a key."
                action={<CreateApplicationDialog teams={viewer.teams} onCreated={changed} />}
              />
            ) : (
              <Flex>
                <CreateApplicationDialog teams={viewer.teams} onCreated={changed} />
              </Flex>
            )}
            {applications.map((application) => (
              <ApplicationCard key={application.id} application={application}>
                <SubscriptionList
                  subscriptions={subscriptions.filter((each) => each.application === application.id)}
                  onChange={changed}
                />
                <KeysPanel application={application} isEnrolled={factor.isEnrolled} />
              </ApplicationCard>
            ))}
          </Flex>
        )}
      </Outcome>
    </CatalogPage>
  );
};

const ApplicationCard = ({
  application: { id, name, team, tenant },
  children,
}: {
  readonly application: Application;
  readonly children: ReactNode;
}) => (
  <section aria-label={name}>
    <Card>
      <CardHeader>
        <Flex direction="column" gap="1">
          <Text as="h2" variant="title-small">
            {name}
          </Text>
          <Text>
            {id} · team {nameOfRef(team)} · tenant {tenant}
          </Text>
        </Flex>
      </CardHeader>
      <CardBody>
        <Flex direction="column" gap="4">
          {children}
        </Flex>
      </CardBody>
    </Card>
  </section>
);
