import type { Caller } from '../../domain/caller.ts';
import { readCaller } from '../../domain/identity/read-caller.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { GovernedPlace } from '../kong/governed-place.ts';
import { consumerName, type KongConsumer } from '../kong/kong-file.ts';
import type { Setup } from './setup.ts';

/** Who may ask for something: a consumer of Kong, or nobody in particular. */
export interface Subject {
  readonly name: string;
  readonly consumer?: KongConsumer;
}

/** Callers without a credential. */
export const ANONYMOUS = 'anonymous';
const anonymous: Subject = { name: ANONYMOUS };

/** Every consumer of the file, in its order, then those without a credential. */
export const subjectsOf = ({ kong, anonymous: stand }: Setup): readonly Subject[] => [
  ...kong.consumers
    .filter((consumer) => !stand.has(consumer))
    .map((consumer) => ({ name: consumerName(consumer), consumer })),
  anonymous,
];

/** By username, custom_id or id. */
export const findSubject = (setup: Setup, name: string): Result<Subject, string> => {
  const { consumers } = setup.kong;
  const consumer =
    consumers.find(({ username }) => username === name) ??
    consumers.find(({ customId, id }) => customId === name || id === name);
  if (consumer !== undefined) return success({ name: consumerName(consumer), consumer });
  if (name === ANONYMOUS) return success(anonymous);
  const names = [...consumers.map(consumerName), ANONYMOUS];
  const hint = didYouMean(name, names) ?? `Consumers: ${names.slice(0, 20).join(', ')}.`;
  return failure(`there is no consumer ${JSON.stringify(name)}. ${hint}`);
};

/** What only a token says. */
export interface TokenFacts {
  readonly user?: string;
  readonly scopes: readonly string[];
}

/** The caller as the plugin at this place would see the subject. */
export const callerOf = (
  subject: Subject,
  { place, setup, token }: { readonly place: GovernedPlace; readonly setup: Setup; readonly token?: TokenFacts },
): Result<Caller, string> => {
  const { consumer } = subject;
  const stand = consumer ?? [...setup.anonymous][0];
  const isAnonymous = consumer === undefined || setup.anonymous.has(consumer);
  const caller = readCaller(
    {
      isAnonymous,
      groups: stand?.groups ?? [],
      ...(stand === undefined ? {} : { consumer: stand }),
    },
    place.config.server.callers,
  );
  if (!caller.ok) return failure(caller.error.detail);
  if (isAnonymous || token === undefined) return caller;
  return success({ ...caller.value, scopes: token.scopes, ...(token.user === undefined ? {} : { user: token.user }) });
};

/** A plugin on a consumer concerns that consumer only. */
export const concerns = ({ place, plugin }: GovernedPlace, { consumer }: Subject): boolean => {
  if (place.kind === 'consumer') return place.consumer === consumer;
  if (plugin.consumer === undefined) return true;
  return consumer !== undefined && [consumer.id, consumer.username, consumer.customId].includes(plugin.consumer);
};
