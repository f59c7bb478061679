'use strict';

/** A plugin that does nothing in the phases that governance works in: what any JS plugin costs. */
class Plugin {
  async access() {}

  async log() {}
}

module.exports = { Name: 'bench-noop', Version: '0.1.0', Priority: 850, Schema: [], Plugin };
