import type { ReactNode } from 'react';
import { Card, CardBody, Flex, Text } from '@backstage/ui';

interface NothingYetProps {
  readonly title: string;
  /** What to do about it. */
  readonly hint: string;
  readonly action?: ReactNode;
}

/** An empty list says why it is empty and what to do. */
export const NothingYet = ({ title, hint, action }: NothingYetProps) => (
  <Card>
    <CardBody>
      <Flex direction="column" gap="2" align="start">
        <Text as="h2" variant="title-x-small">
          {title}
        </Text>
        <Text as="p">{hint}</Text>
        {action}
      </Flex>
    </CardBody>
  </Card>
);
