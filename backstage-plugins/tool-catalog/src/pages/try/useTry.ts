import { useCallback, useEffect, useRef, useState } from 'react';
import type { TryCost, TryResult } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { useToolCatalog } from '../../hooks/useToolCatalog';

export interface Attempt {
  readonly isRunning: boolean;
  /** Oldest first. */
  readonly progress: readonly { readonly message: string; readonly progress?: number; readonly total?: number }[];
  readonly result?: TryResult;
  readonly cost?: TryCost;
  /** The portal itself refused or could not be reached. */
  readonly problem?: string;
}

interface Wanted {
  readonly application: string;
  readonly server: string;
  readonly tool: string;
  readonly arguments: object;
}

const nothing: Attempt = { isRunning: false, progress: [] };

/** One try at a time; leaving the page, or a new try, drops what the old one still says. */
export const useTry = (): { readonly attempt: Attempt; readonly run: (wanted: Wanted) => Promise<void> } => {
  const catalog = useToolCatalog();
  const [attempt, setAttempt] = useState(nothing);
  const current = useRef(0);
  useEffect(
    () => () => {
      current.current += 1;
    },
    [],
  );
  const run = useCallback(
    async (wanted: Wanted) => {
      current.current += 1;
      const mine = current.current;
      const change = (update: (before: Attempt) => Attempt): void => {
        if (current.current === mine) setAttempt(update);
      };
      change(() => ({ ...nothing, isRunning: true }));
      try {
        for await (const event of catalog.try(wanted)) {
          if (current.current !== mine) return;
          change((before) => {
            switch (event.type) {
              case 'progress':
                return { ...before, progress: [...before.progress, event] };
              case 'result':
                return { ...before, result: event.result };
              case 'cost':
                return { ...before, cost: event.cost };
            }
          });
        }
      } catch (error) {
        change((before) => ({ ...before, problem: (error as Error).message }));
      }
      change((before) => ({ ...before, isRunning: false }));
    },
    [catalog],
  );
  return { attempt, run };
};
