'use strict';

/** A plugin that does nothing: what any JS plugin costs. */
class Plugin {
  async access() {}
}

module.exports = { Name: 'bench-noop', Version: '0.1.0', Priority: 850, Schema: [], Plugin };
