import { useState } from 'react';
import { Accordion, AccordionPanel, AccordionTrigger, Alert, Button, Card, CardBody, Flex, Text } from '@backstage/ui';
import type { Subscription } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { moment, nameOfRef } from '../../components/names';
import { StateBadge } from '../../components/StateBadge';
import { useToolCatalog } from '../../hooks/useToolCatalog';

interface SubscriptionListProps {
  readonly subscriptions: readonly Subscription[];
  readonly onChange: () => void;
}

/** Subscriptions with their state, why, and history. */
export const SubscriptionList = ({ subscriptions, onChange }: SubscriptionListProps) => (
  <Flex direction="column" gap="3">
    {subscriptions.map((subscription) => (
      <SubscriptionCard key={subscription.id} subscription={subscription} onChange={onChange} />
    ))}
  </Flex>
);

const SubscriptionCard = ({
  subscription,
  onChange,
}: {
  readonly subscription: Subscription;
  readonly onChange: () => void;
}) => {
  const catalog = useToolCatalog();
  const [problem, setProblem] = useState<string>();
  const isOpen = ['pending', 'active', 'suspended'].includes(subscription.state);
  const revoke = async (): Promise<void> => {
    try {
      await catalog.decide(subscription.id, 'revoke');
      onChange();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Card>
      <CardBody>
        <Flex direction="column" gap="2">
          <Flex justify="between" align="center">
            <Flex gap="3" align="center">
              <Text as="h3" variant="title-x-small">
                {subscription.applicationName} · {subscription.server} · {subscription.plan}
              </Text>
              <StateBadge state={subscription.state} />
            </Flex>
            {isOpen && (
              <Button
                size="small"
                variant="secondary"
                aria-label={`End the subscription of ${subscription.applicationName} to ${subscription.server}`}
                onPress={() => void revoke()}
              >
                {subscription.state === 'pending' ? 'Withdraw' : 'End'}
              </Button>
            )}
          </Flex>
          {subscription.reason !== undefined && <Text>“{subscription.reason}”</Text>}
          {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
          <Accordion>
            <AccordionTrigger title="History" />
            <AccordionPanel>
              <History subscription={subscription} />
            </AccordionPanel>
          </Accordion>
        </Flex>
      </CardBody>
    </Card>
  );
};

const History = ({ subscription: { history } }: { readonly subscription: Subscription }) => (
  <ol>
    {history.map(({ at, actor, action, to, reason }) => (
      <li key={`${at} ${action}`}>
        <Text>
          {moment(at)}: {nameOfRef(actor)}, {action}, now {to}
          {reason === undefined ? '' : ` (“${reason}”)`}
        </Text>
      </li>
    ))}
  </ol>
);
