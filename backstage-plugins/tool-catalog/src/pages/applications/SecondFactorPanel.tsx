import { useState } from 'react';
import { Alert, Button, Card, CardBody, CardHeader, Flex, Text } from '@backstage/ui';
import type { Enrolment, SecondFactorStatus } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { moment } from '../../components/names';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { CodeForm } from './CodeForm';
import { EnrolmentSteps } from './EnrolmentSteps';

interface SecondFactorPanelProps {
  readonly factor: SecondFactorStatus;
  readonly onChange: () => void;
}

/** Enrolment, state, and reset of the viewer's own second factor. */
export const SecondFactorPanel = ({ factor, onChange }: SecondFactorPanelProps) => (
  <section aria-label="Second factor">
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-small">
          Second factor
        </Text>
      </CardHeader>
      <CardBody>
        {factor.isEnrolled ? <Enrolled factor={factor} onChange={onChange} /> : <Enrol onChange={onChange} />}
      </CardBody>
    </Card>
  </section>
);

const Enrolled = ({ factor, onChange }: SecondFactorPanelProps) => {
  const catalog = useToolCatalog();
  const [isResetting, setResetting] = useState(false);
  return (
    <Flex direction="column" gap="3" align="start">
      {factor.lockedUntil !== undefined && (
        <Alert status="warning" icon title={`Locked until ${moment(factor.lockedUntil)} after too many wrong codes`} />
      )}
      <Text as="p">
        Set up. {factor.recoveryCodesLeft} recovery codes left
        {factor.recoveryCodesLeft < 3 ? ': reset the second factor to get new ones.' : '.'}
      </Text>
      {isResetting ? (
        <CodeForm
          label="Remove the second factor"
          onCode={async (code) => {
            await catalog.resetSecondFactor(code);
            onChange();
          }}
          onCancel={() => setResetting(false)}
        />
      ) : (
        <Button size="small" variant="secondary" onPress={() => setResetting(true)}>
          Reset
        </Button>
      )}
    </Flex>
  );
};

const Enrol = ({ onChange }: { readonly onChange: () => void }) => {
  const catalog = useToolCatalog();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [problem, setProblem] = useState<string>();
  const begin = (): void => {
    catalog.enrol().then(setEnrolment, (error: Error) => setProblem(error.message));
  };
  if (enrolment !== undefined) return <EnrolmentSteps enrolment={enrolment} onDone={onChange} />;
  return (
    <Flex direction="column" gap="3" align="start">
      <Text as="p">
        Keys can be created, rotated and revoked only with a code from an authenticator app. You have none set up yet.
      </Text>
      {problem !== undefined && <Alert status="danger" icon role="alert" title={problem} />}
      <Button onPress={begin}>Set up the second factor</Button>
    </Flex>
  );
};
