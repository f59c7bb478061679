import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  ServerContext,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from '@modelcontextprotocol/server';
import { isInputRequiredResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { CallOutcome } from './call-log.ts';
import { declaredCapabilities } from './declared-capabilities.ts';
import type { DemoContext } from './demo-context.ts';

export type ToolReply = CallToolResult | InputRequiredResult;

export interface ToolDefinition<Input extends StandardSchemaWithJSON> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  readonly output?: StandardSchemaWithJSON;
  readonly annotations?: ToolAnnotations;
  readonly run: (
    input: StandardSchemaWithJSON.InferOutput<Input>,
    context: ServerContext,
  ) => ToolReply | Promise<ToolReply>;
}

export const noInput = z.object({});

/** Registers a tool whose every execution is recorded, under the description that it has now. */
export function addTool<Input extends StandardSchemaWithJSON>(
  server: McpServer,
  { calls, descriptions }: Pick<DemoContext, 'calls' | 'descriptions'>,
  definition: ToolDefinition<Input>,
): void {
  const { name, description, input, output, annotations, run } = definition;
  const execute = async (args: unknown, context: ServerContext): Promise<ToolReply> => {
    const finish = calls.start({ tool: name, arguments: args, era: eraOf(context) });
    try {
      // The SDK has validated `args` against `input` before it calls.
      const reply = await run(args, context);
      finish(context.mcpReq.signal.aborted ? 'cancelled' : outcomeOf(reply));
      return reply;
    } catch (error) {
      finish(context.mcpReq.signal.aborted ? 'cancelled' : 'failed');
      throw error;
    }
  };
  server.registerTool<StandardSchemaWithJSON, StandardSchemaWithJSON>(
    name,
    {
      description: descriptions.get(name) ?? description,
      inputSchema: input,
      ...(output && { outputSchema: output }),
      ...(annotations && { annotations }),
    },
    execute,
  );
}

function eraOf(context: ServerContext): 'legacy' | 'modern' {
  return declaredCapabilities(context) === undefined ? 'legacy' : 'modern';
}

function outcomeOf(reply: ToolReply): CallOutcome {
  if (isInputRequiredResult(reply)) return 'input_required';
  return reply.isError === true ? 'tool_error' : 'ok';
}
