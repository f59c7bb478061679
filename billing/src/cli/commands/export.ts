import path from 'node:path';
import { makeStatementFile, statementFiles, type StatementFileName } from '../../exports/statement-files.ts';
import { sidecarOf } from '../../exports/csv.ts';
import { success } from '../../domain/result.ts';
import { findStatement } from '../../statements/statement-store.ts';
import type { SessionCommand } from '../command.ts';
import { misconfigured, misused, refused } from '../failure.ts';

const names = Object.keys(statementFiles) as StatementFileName[];

export const exportCommand: SessionCommand = {
  name: 'export',
  needs: 'database',
  summary: 'a statement as CSV, FOCUS 1.2 or a page',
  usage: 'STATEMENT [--as FORM] [--out FOLDER]',
  help: `Writes a statement as a file. With --out a file <name>.sha256 goes beside it, which sha256sum -c checks.

  stoa-billing export stm_2026-11_0123456789abcdef --as focus.csv --out exports
  stoa-billing export stm_2026-11_0123456789abcdef --as statement.html > november.html

  --as FORM         ${names.join(', ')} (default lines.csv)
  --out FOLDER      write it there instead of printing it`,
  options: { as: { type: 'string' }, out: { type: 'string' } },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database, settings }, io) => {
    const [id = ''] = parameters.positionals;
    const form = names.find((name) => name === (parameters.option('as') ?? 'lines.csv'));
    if (form === undefined) return misused(`--as is one of ${names.join(', ')}`);
    const stored = await findStatement(database, id);
    if (stored === undefined) return refused(`There is no statement ${id}; see: stoa-billing statement.`);
    const file = await makeStatementFile(database, { stored, form, parties: settings.parties });
    const out = parameters.option('out');
    const json = {
      name: file.name,
      mediaType: file.mediaType,
      sha256: file.sha256,
      bytes: Buffer.byteLength(file.text),
    };
    if (out === undefined) {
      if (!parameters.flag('json')) io.out(file.text);
      return success({ text: '', json });
    }
    const target = path.join(out, file.name);
    for (const [name, text] of [
      [target, file.text],
      [`${target}.sha256`, sidecarOf(file)],
    ] as const) {
      const written = io.writeFile(name, text);
      if (!written.ok) return misconfigured({ path: name, problem: `${written.error}.` });
    }
    return success({ text: target, json: { ...json, file: target } });
  },
};
