#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the sentence that says so.
'use strict';

var fs = require('fs');
var path = require('path');

var version = process.versions.node.split('.').map(Number);
var bundle = path.join(__dirname, '..', 'dist', 'mcp-governance.cjs');

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error('mcp-governance needs Node 20.19 or newer, but this is ' + process.versions.node + '.');
  process.exit(2);
}
if (!fs.existsSync(bundle)) {
  console.error('mcp-governance is not built: run "npm run build" first (' + bundle + ' is missing).');
  process.exit(2);
}
require(bundle);
