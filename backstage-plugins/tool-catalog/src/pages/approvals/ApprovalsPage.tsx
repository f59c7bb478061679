import { useState } from 'react';
import { Alert, Button, Card, CardBody, Flex, Text, TextField } from '@backstage/ui';
import {
  possibleActions,
  type Subscription,
  type SubscriptionAction,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { moment, nameOfRef } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { StateBadge } from '../../components/StateBadge';
import { useLoad } from '../../hooks/useLoad';
import { usePolling } from '../../hooks/usePolling';
import { useToolCatalog } from '../../hooks/useToolCatalog';

const POLL_MS = 15_000;

/** Requests for the servers that the viewer's groups provide: those that wait first. */
export const ApprovalsPage = () => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.subscriptions('provider'));
  usePolling(loaded.reload, POLL_MS);
  return (
    <CatalogPage intro="Who asks for the servers that your groups provide. Nobody decides on a request of their own team.">
      <Outcome loaded={loaded}>
        {(subscriptions) =>
          subscriptions.length === 0 ? (
            <NothingYet
              title="Nothing to decide"
              hint="Requests appear here when a team subscribes to a plan of your servers that asks for approval."
            />
          ) : (
            <Flex direction="column" gap="3">
              {waitingFirst(subscriptions).map((subscription) => (
                <Request key={subscription.id} subscription={subscription} onChange={loaded.reload} />
              ))}
            </Flex>
          )
        }
      </Outcome>
    </CatalogPage>
  );
};

const waitingFirst = (subscriptions: readonly Subscription[]): readonly Subscription[] => [
  ...subscriptions.filter(({ state }) => state === 'pending'),
  ...subscriptions.filter(({ state }) => state !== 'pending'),
];

const verbs: Readonly<Partial<Record<SubscriptionAction, string>>> = {
  approve: 'Approve',
  reject: 'Reject',
  suspend: 'Suspend',
  resume: 'Resume',
  revoke: 'Revoke',
};

const Request = ({
  subscription,
  onChange,
}: {
  readonly subscription: Subscription;
  readonly onChange: () => void;
}) => {
  const catalog = useToolCatalog();
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string>();
  const { id, applicationName, team, server, plan, state, requestedBy, requestedAt } = subscription;
  const actions = possibleActions(state).filter((action) => verbs[action] !== undefined);
  const decide = async (action: SubscriptionAction): Promise<void> => {
    setProblem(undefined);
    try {
      await catalog.decide(id, action, reason.trim() === '' ? undefined : reason.trim());
      onChange();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <section aria-label={`${applicationName} and ${server}`}>
      <Card>
        <CardBody>
          <Flex direction="column" gap="3">
            <Flex gap="3" align="center">
              <Text as="h2" variant="title-x-small">
                {applicationName} asks for {server}
              </Text>
              <StateBadge state={state} />
            </Flex>
            <Text>
              Plan {plan}, team {nameOfRef(team)}, asked by {nameOfRef(requestedBy)} on {moment(requestedAt)}
            </Text>
            {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
            {actions.length > 0 && (
              <Flex gap="3" align="end">
                <TextField label="Reason (optional)" value={reason} onChange={setReason} />
                {actions.map((action) => (
                  <Button
                    key={action}
                    variant={action === 'approve' || action === 'resume' ? 'primary' : 'secondary'}
                    onPress={() => void decide(action)}
                  >
                    {verbs[action]}
                  </Button>
                ))}
              </Flex>
            )}
          </Flex>
        </CardBody>
      </Card>
    </section>
  );
};
