import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<Value> {
  /** Undefined until the first answer; kept while it is asked for again. */
  readonly value: Value | undefined;
  readonly error: Error | undefined;
  readonly isPending: boolean;
  readonly reload: () => void;
}

/**
 * Loads when the page opens, when `key` changes, and on `reload`. An answer that a newer question has overtaken is dropped.
 */
export const useLoad = <Value>(load: () => Promise<Value>, key = ''): Loaded<Value> => {
  const [state, setState] = useState<Omit<Loaded<Value>, 'reload'>>({
    value: undefined,
    error: undefined,
    isPending: true,
  });
  const latest = useRef(load);
  latest.current = load;
  const question = useRef(0);
  const reload = useCallback(() => {
    question.current += 1;
    const mine = question.current;
    setState((before) => ({ ...before, isPending: true }));
    latest
      .current()
      .then((value) => ({ value, error: undefined }))
      .catch((error: unknown) => ({
        value: undefined,
        error: error instanceof Error ? error : new Error(String(error)),
      }))
      .then((answer) => {
        if (question.current === mine) setState({ ...answer, isPending: false });
      });
  }, []);
  useEffect(() => {
    reload();
    return () => {
      question.current += 1;
    };
  }, [reload, key]);
  return { ...state, reload };
};
