import type { LoggerService } from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { SignalsService } from '@backstage/plugin-signals-node';

/** The channel on which open pages hear that something changed, and ask again. */
export const CHANNEL = 'tool-catalog';

export interface AnnouncerOptions {
  readonly notifications?: NotificationService;
  readonly signals?: SignalsService;
  readonly logger: LoggerService;
}

export interface Announcement {
  /** Entity refs: people or groups. */
  readonly to: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly link: string;
}

/** Tells people. What was done stands whether they could be told or not, so nothing here rejects. */
export class Announcer {
  constructor(private readonly options: AnnouncerOptions) {}

  async announce({ to, title, description, link }: Announcement): Promise<void> {
    const { notifications, signals } = this.options;
    await this.quietly(() =>
      notifications?.send({
        recipients: { type: 'entity', entityRef: [...to] },
        payload: { title, description, link, topic: CHANNEL },
      }),
    );
    await this.quietly(() =>
      signals?.publish({ channel: CHANNEL, recipients: { type: 'broadcast' }, message: { changed: link } }),
    );
  }

  private async quietly(send: () => Promise<void> | undefined): Promise<void> {
    try {
      await send();
    } catch (error) {
      this.options.logger.warn(`Nobody was told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
