import { Flex, Text } from '@backstage/ui';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { PlanCard } from './PlanCard';
import { SubscriptionList } from './SubscriptionList';

interface SubscribePanelProps {
  readonly server: string;
  /** Only plans that include it; all plans of the server when left out. */
  readonly tool?: string;
  readonly onChange?: () => void;
}

/** Plans with their price and limits, one click away; and what the viewer's teams already have. */
export const SubscribePanel = ({ server, tool, onChange }: SubscribePanelProps) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(async () => {
    const [tools, plans, applications, subscriptions, viewer] = await Promise.all([
      catalog.tools({ server }),
      catalog.plans(server),
      catalog.applications(),
      catalog.subscriptions('mine'),
      catalog.viewer(),
    ]);
    return {
      tools,
      plans,
      applications,
      subscriptions: subscriptions.filter((each) => each.server === server),
      viewer,
    };
  }, server);
  const changed = (): void => {
    loaded.reload();
    onChange?.();
  };
  return (
    <Outcome loaded={loaded}>
      {({ tools, plans, applications, subscriptions, viewer }) => {
        const offered = plans.filter(
          (plan) =>
            plan.status === 'active' &&
            (tool === undefined ||
              tools.some((each) => each.tool === tool && each.plans.some(({ id }) => id === plan.id))),
        );
        return (
          <Flex direction="column" gap="5" pt="4">
            <SubscriptionList subscriptions={subscriptions} onChange={changed} />
            {offered.length === 0 ? (
              <NothingYet
                title="No plan includes it"
                hint="Nobody can subscribe yet. Ask the owner of the server to offer a plan."
              />
            ) : (
              <>
                <Text as="h2" variant="title-x-small">
                  Plans
                </Text>
                <Flex gap="4" style={{ flexWrap: 'wrap' }}>
                  {offered.map((plan) => (
                    <PlanCard
                      key={plan.id}
                      plan={plan}
                      tools={tools.filter((each) => each.plans.some(({ id }) => id === plan.id))}
                      applications={applications}
                      teams={viewer.teams}
                      onSubscribed={changed}
                    />
                  ))}
                </Flex>
              </>
            )}
          </Flex>
        );
      }}
    </Outcome>
  );
};
