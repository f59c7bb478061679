import { Container, Text } from '@backstage/ui';

export const ToolsPage = () => (
  <Container>
    <Text as="p">REST operations and MCP tools, side by side.</Text>
  </Container>
);
