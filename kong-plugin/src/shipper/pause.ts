/** Waits that others can cut short: news for one who idles, new settings for one who backs off, the end for all. */
export class Pause {
  private end: (() => void) | undefined;
  private isIdle = false;
  private hasNews = false;
  private isOver = false;

  /** Until there is something new, `ms` at most. What was new before counts. */
  async forNews(ms: number): Promise<void> {
    if (this.hasNews) {
      this.hasNews = false;
      return;
    }
    await this.wait(ms, true);
    this.hasNews = false;
  }

  /** News cut it short no more than events do a backoff. */
  async for(ms: number): Promise<void> {
    await this.wait(ms, false);
  }

  news(): void {
    this.hasNews = true;
    if (this.isIdle) this.end?.();
  }

  /** Ends the wait under way. */
  cut(): void {
    this.end?.();
  }

  /** Ends this wait and every other. */
  stop(): void {
    this.isOver = true;
    this.end?.();
  }

  private wait(ms: number, isIdle: boolean): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end?.(), ms);
      // Records on the disk are no reason to keep a process that wants to end.
      timer.unref();
      this.isIdle = isIdle;
      this.end = () => {
        clearTimeout(timer);
        this.end = undefined;
        resolve();
      };
    });
  }
}
