import type { Price } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { PriceInForce } from './BillingClient';

/** `EUR 0.05 a call, 100 free a month`. */
export const toPrice = ({ price }: PriceInForce): Price | undefined =>
  price === undefined
    ? undefined
    : {
        currency: price.currency,
        model: price.price.model,
        text: `${price.currency.toUpperCase()} ${price.text}${
          price.freeUnits === undefined ? '' : `, ${price.freeUnits} free a month`
        }`,
      };
