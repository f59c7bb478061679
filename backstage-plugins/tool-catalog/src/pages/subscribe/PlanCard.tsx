import { useState } from 'react';
import { Alert, Button, Card, CardBody, CardFooter, CardHeader, Flex, Select, Text } from '@backstage/ui';
import type {
  Application,
  Plan,
  Subscription,
  ToolSummary,
  ViewerInfo,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { CreateApplicationDialog } from '../applications/CreateApplicationDialog';

interface PlanCardProps {
  readonly plan: Plan;
  /** Tools that the plan includes. */
  readonly tools: readonly ToolSummary[];
  readonly applications: readonly Application[];
  readonly teams: ViewerInfo['teams'];
  readonly onSubscribed: () => void;
}

/** What one gets and pays is said before the button, not after it. */
export const PlanCard = ({ plan, tools, applications, teams, onSubscribed }: PlanCardProps) => {
  const catalog = useToolCatalog();
  const [application, setApplication] = useState(applications[0]?.id ?? '');
  const [answer, setAnswer] = useState<Subscription | Error | undefined>();
  const [isPending, setPending] = useState(false);
  const subscribe = async (): Promise<void> => {
    setPending(true);
    const subscribed = await catalog
      .subscribe({ application, server: plan.server, plan: plan.id })
      .catch((error: unknown) => error as Error);
    setPending(false);
    setAnswer(subscribed);
    if (!(subscribed instanceof Error)) onSubscribed();
  };
  return (
    <Card style={{ width: 380 }}>
      <CardHeader>
        <Text as="h3" variant="title-x-small">
          {plan.name}
        </Text>
      </CardHeader>
      <CardBody>
        <Flex direction="column" gap="3">
          <Text as="p">{plan.description}</Text>
          <ul aria-label={`Tools and prices of ${plan.name}`}>
            {tools.map(({ tool, price }) => (
              <li key={tool}>
                <Text>
                  {tool}: {price?.text ?? 'no price'}
                </Text>
              </li>
            ))}
          </ul>
          <Text as="p">
            {limitsInWords(plan)} {plan.requiresApproval ? 'The owner approves each subscription.' : 'Active at once.'}
          </Text>
          {answer instanceof Error && <Alert status="danger" icon role="alert" title={answer.message} />}
          {answer !== undefined && !(answer instanceof Error) && (
            <Alert status="success" icon role="status" title={answerInWords(answer)} />
          )}
        </Flex>
      </CardBody>
      <CardFooter>
        {applications.length === 0 ? (
          <CreateApplicationDialog teams={teams} label="Create an application first" onCreated={onSubscribed} />
        ) : (
          <Flex gap="3" align="end">
            <Select
              label="Application"
              options={applications.map(({ id, name }) => ({ id, label: name }))}
              selectedKey={application}
              onSelectionChange={(key) => setApplication(String(key))}
            />
            <Button isPending={isPending} isDisabled={application === ''} onPress={() => void subscribe()}>
              Subscribe to {plan.name}
            </Button>
          </Flex>
        )}
      </CardFooter>
    </Card>
  );
};

const limitsInWords = ({ limits }: Plan): string =>
  limits.length === 0
    ? 'No limit of its own.'
    : `At most ${limits.map(({ limit, window }) => `${limit} calls a ${window}`).join(', ')}.`;

const answerInWords = ({ state, applicationName }: Subscription): string =>
  state === 'active'
    ? `${applicationName} can call it now.`
    : `Asked for. The owner decides; you are told when ${applicationName} can call it.`;
