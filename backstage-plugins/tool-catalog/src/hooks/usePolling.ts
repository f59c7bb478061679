import { useEffect, useRef } from 'react';

/** Calls `ask` every `milliseconds` while the page is open and visible: a hidden tab costs the server nothing. */
export const usePolling = (ask: () => void, milliseconds: number): void => {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current();
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
};
