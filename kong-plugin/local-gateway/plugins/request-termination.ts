import { tableField } from '../shared/lua-data.ts';
import type { LocalPdk } from './local-pdk.ts';
import type { PluginHandler } from './plugin-handler.ts';

const defaultMessages: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'An unexpected error occurred',
  502: 'Bad Gateway',
  503: 'Service unavailable',
};

/** Kong's request-termination, without `echo` (refused by the schema check of this stand-in). */
export const requestTermination = (call: LocalPdk): PluginHandler => ({
  name: 'request-termination',
  priority: 2,
  phases: new Set(['access']),
  run: (_phase, request, config) => {
    const { trigger, body, content_type: contentType, message } = config;
    const status = Number(config['status_code']);
    if (typeof trigger === 'string') {
      const isTriggered =
        tableField(call(request, 'request.get_headers'), trigger.toLowerCase()) !== undefined ||
        tableField(call(request, 'request.get_query'), trigger) !== undefined;
      if (!isTriggered) return;
    }
    if (typeof body === 'string') {
      call(
        request,
        'response.exit',
        status,
        body,
        typeof contentType === 'string' ? { 'Content-Type': contentType } : undefined,
      );
      return;
    }
    const text = typeof message === 'string' ? message : defaultMessages[status];
    call(request, 'response.exit', status, text === undefined ? undefined : { message: text });
  },
});
