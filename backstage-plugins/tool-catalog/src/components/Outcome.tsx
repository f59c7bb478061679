import type { ReactNode } from 'react';
import { Alert, Button, Skeleton } from '@backstage/ui';
import type { Loaded } from '../hooks/useLoad';

interface OutcomeProps<Value> {
  readonly loaded: Loaded<Value>;
  readonly children: (value: Value) => ReactNode;
}

/** A value, or why there is none and a way to ask again; a skeleton until the first answer. */
export const Outcome = <Value,>({ loaded, children }: OutcomeProps<Value>) => {
  const { value, error, isPending, reload } = loaded;
  if (error !== undefined)
    return (
      <Alert
        status="danger"
        icon
        role="alert"
        title="This could not be loaded"
        description={error.message}
        customActions={
          <Button size="small" variant="secondary" isPending={isPending} onPress={reload}>
            Try again
          </Button>
        }
      />
    );
  if (value === undefined) return <Skeleton style={{ width: '100%', height: 160 }} aria-label="Loading" />;
  return <>{children(value)}</>;
};
