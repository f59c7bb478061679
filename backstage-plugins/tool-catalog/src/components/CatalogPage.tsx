import type { ReactNode } from 'react';
import { Container, Flex, Text } from '@backstage/ui';

interface CatalogPageProps {
  /** Where the page's own header does not say it. */
  readonly title?: string;
  readonly intro: string;
  readonly children: ReactNode;
}

/** What every page of the plugin has: one main landmark, one sentence that says what it is for. */
export const CatalogPage = ({ title, intro, children }: CatalogPageProps) => (
  <main>
    <Container pb="8">
      <Flex direction="column" gap="5" pt="4">
        {title !== undefined && (
          <Text as="h1" variant="title-medium">
            {title}
          </Text>
        )}
        <Text as="p" color="secondary">
          {intro}
        </Text>
        {children}
      </Flex>
    </Container>
  </main>
);
