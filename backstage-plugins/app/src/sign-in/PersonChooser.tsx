import { Button, Card, CardBody, CardFooter, CardHeader, Container, Flex, Grid, Text } from '@backstage/ui';
import type { Person } from './readPeople';

interface Props {
  readonly people: readonly Person[];
  readonly onChoose: (name: string) => void;
}

export const PersonChooser = ({ people, onChoose }: Props) => (
  <main>
    <Container>
      <Flex direction="column" gap="4" py="8">
        <Text as="h1" variant="title-large">
          Who are you today?
        </Text>
        <Text as="p">
          This is a demo: choose a person, no password needed. Open another tab to be somebody else at the same time.
        </Text>
        {people.length === 0 && (
          <Text as="p">
            Nobody can be chosen: the configuration has no demoSignIn.people. Start the portal with
            app-config.demo.yaml.
          </Text>
        )}
        <Grid.Root columns={{ initial: '1', sm: '2' }} gap="4">
          {people.map(({ name, title, description }) => (
            <Card key={name}>
              <CardHeader>
                <Text as="h2" variant="title-small">
                  {title}
                </Text>
              </CardHeader>
              <CardBody>{description}</CardBody>
              <CardFooter>
                <Button onPress={() => onChoose(name)}>Enter as {title}</Button>
              </CardFooter>
            </Card>
          ))}
        </Grid.Root>
      </Flex>
    </Container>
  </main>
);
