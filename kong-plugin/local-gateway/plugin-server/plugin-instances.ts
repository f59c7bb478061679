import type { Result } from '../../src/domain/result.ts';
import { LuaError } from '../shared/errors.ts';
import { kongJson } from '../shared/kong-json.ts';
import type { PluginConfig } from '../shared/plugin-config.ts';
import type { RpcClient } from './rpc-client.ts';

interface Instance {
  /** Pending while another request starts it; the claim is shared. */
  readonly id: Promise<number>;
  readonly sequence: number;
}

/**
 * A worker's memory of which instance in the plugin server belongs to which plugin entity. Kong keys it by plugin id and
 * starts a new instance when the configuration was rebuilt (`__seq__`), then closes the old one.
 */
export class PluginInstances {
  private readonly running = new Map<string, Instance>();

  constructor(
    private readonly pluginName: string,
    private readonly client: RpcClient,
  ) {}

  async idFor(config: PluginConfig): Promise<number> {
    const key = config.__plugin_id;
    const known = this.running.get(key);
    if (known !== undefined && known.sequence === config.__seq__) return known.id;
    const started: Instance = { id: this.start(config, known), sequence: config.__seq__ };
    this.running.set(key, started);
    started.id.catch(() => {
      if (this.running.get(key) === started) this.running.delete(key);
    });
    return started.id;
  }

  forgetAll(): void {
    this.running.clear();
  }

  /** Starts one that is nobody's: `rpc:call_start_instance`. */
  startAnother(config: PluginConfig): Promise<Result<unknown, string>> {
    return this.client.call('plugin.StartInstance', { Name: this.pluginName, Config: kongJson(config) });
  }

  private async start(config: PluginConfig, previous: Instance | undefined): Promise<number> {
    const oldId = await previous?.id.catch(() => undefined);
    const status = await this.startAnother(config);
    if (!status.ok) throw new LuaError(status.error);
    // Kong does not care whether the old one could be closed.
    if (oldId !== undefined) await this.client.call('plugin.CloseInstance', oldId);
    return (status.value as { readonly Id: number }).Id;
  }
}
