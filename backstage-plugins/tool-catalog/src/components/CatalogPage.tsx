import type { ReactNode } from 'react';
import { Container, Flex, Text } from '@backstage/ui';

/** What every page of the plugin has: one main landmark, one sentence that says what it is for. */
export const CatalogPage = ({ intro, children }: { readonly intro: string; readonly children: ReactNode }) => (
  <main>
    <Container pb="8">
      <Flex direction="column" gap="5" pt="4">
        <Text as="p" color="secondary">
          {intro}
        </Text>
        {children}
      </Flex>
    </Container>
  </main>
);
