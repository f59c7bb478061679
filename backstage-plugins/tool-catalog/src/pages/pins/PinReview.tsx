import { useState } from 'react';
import { Alert, Button, Flex, Text } from '@backstage/ui';
import { JsonBlock } from '../../components/JsonBlock';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';

interface PinReviewProps {
  readonly server: string;
  readonly tool: string;
  readonly onApproved: () => void;
}

/** The definition, what differs from the approved one, and the approval of exactly what is shown. */
export const PinReview = ({ server, tool, onApproved }: PinReviewProps) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.pin(server, tool), `${server}/${tool}`);
  const [problem, setProblem] = useState<string>();
  const approve = async (hash: string): Promise<void> => {
    setProblem(undefined);
    try {
      await catalog.approvePin(server, tool, hash);
      onApproved();
    } catch (error) {
      setProblem((error as Error).message);
      loaded.reload();
    }
  };
  return (
    <Outcome loaded={loaded}>
      {(pin) => (
        <Flex direction="column" gap="4" align="stretch">
          {pin.warnings.map((warning) => (
            <Alert key={warning} status="warning" icon title={warning} />
          ))}
          {pin.diff !== undefined && pin.diff.differences.length > 0 && (
            <section aria-labelledby="differences">
              <Text as="h3" id="differences" variant="title-x-small">
                What changed since it was approved
              </Text>
              <ul>
                {pin.diff.differences.map(({ pointer, text }) => (
                  <li key={pointer}>
                    <Text>{text}</Text>
                  </li>
                ))}
              </ul>
              {pin.diff.isCut && <Text color="secondary">There are more differences than are shown.</Text>}
            </section>
          )}
          <section aria-labelledby="definition">
            <Text as="h3" id="definition" variant="title-x-small">
              The definition now
            </Text>
            <JsonBlock value={pin.definition} label="Definition of the tool" />
          </section>
          {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
          {pin.state !== 'approved' && pin.state !== 'withdrawn' && (
            <Flex>
              <Button onPress={() => void approve(pin.currentHash)}>Approve this definition</Button>
            </Flex>
          )}
        </Flex>
      )}
    </Outcome>
  );
};
