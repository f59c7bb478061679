import type { ApplicationRecord, ApplicationStore } from '../database/ApplicationStore';
import type { KongWriter } from '../kong/kongChanges';
import { createApiKey } from '../keys/apiKey';
import { wantedConsumer } from '../keys/wantedConsumer';
import type { SecretBox } from '../secondFactor/SecretBox';

/** Tag of the key in Kong; no key of a person has this id. */
export const tryKeyId = (application: string): string => `try-${application}`;

/**
 * The key with which "Try it" calls as an application. It is the portal's own, sealed at rest and never shown: a person tries
 * with the application's rights and limits without handing over one of its keys.
 */
export class TryKeys {
  constructor(
    private readonly options: {
      readonly applications: ApplicationStore;
      readonly kong: KongWriter;
      readonly box: SecretBox;
    },
  ) {}

  async keyOf(application: ApplicationRecord): Promise<string> {
    const { box } = this.options;
    if (application.sealedTryKey !== undefined) return box.open(application.sealedTryKey, contextOf(application.id));
    return this.create(application);
  }

  /** Given to Kong before it is kept: a kept key works. */
  private async create(application: ApplicationRecord): Promise<string> {
    const { applications, kong, box } = this.options;
    const { secret } = createApiKey();
    await kong.apply([
      { kind: 'put_consumer', ...wantedConsumer(application) },
      { kind: 'put_key', username: application.consumer, keyId: tryKeyId(application.id), secret },
    ]);
    await applications.keepTryKey(application.id, box.seal(secret, contextOf(application.id)));
    return secret;
  }
}

const contextOf = (application: string): string => `try:${application}`;
