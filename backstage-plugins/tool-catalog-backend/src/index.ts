/**
 * Backend of the tool catalog.
 *
 * @packageDocumentation
 */
export { toolCatalogPlugin as default } from './plugin';
export {
  applicationConditions,
  createApplicationDecision,
  createServerDecision,
  serverConditions,
} from './permissions/rules';
