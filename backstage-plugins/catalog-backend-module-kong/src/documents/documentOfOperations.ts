import type { KongService, RestOperation } from '../kong/KongService';
import type { ApiDocument } from './ApiDocument';
import { describeDocument } from './readDocument';

/** The document that follows from the operations the gateway knows; empty when it knows none. */
export const documentOfOperations = (service: KongService): ApiDocument => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of service.governance?.rest.operations ?? []) {
    const item = paths[operation.path] ?? {};
    item[operation.method.toLowerCase()] = describeOperation(operation);
    paths[operation.path] = item;
  }
  return describeDocument({
    openapi: '3.1.0',
    info: {
      title: service.name,
      version: 'unknown',
      description: 'Generated from the operations that the gateway governs; requests and answers are not described.',
    },
    paths,
  });
};

const describeOperation = ({ name, method, path }: RestOperation): Record<string, unknown> => {
  const parameters = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: name ?? `${method} ${path}`,
    summary: name ?? `${method} ${path}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { default: { description: 'See the API.' } },
  };
};
