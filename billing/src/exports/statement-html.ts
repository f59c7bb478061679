import { html, Html } from './html.ts';
import { statementStyle } from './statement-style.ts';
import type { StatementView, StatementViewLine } from './statement-view.ts';

/** The statement as one file that a person reads and prints: no script, no font, no image, nothing fetched. */
export const renderStatementHtml = (view: StatementView): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Statement ${view.statementId} for ${view.tenantName}</title>
        <style>
          ${new Html(statementStyle)}
        </style>
      </head>
      <body>
        <main>
          ${heading(view)} ${facts(view)} ${lines(view)} ${teams(view)} ${unpriced(view)} ${unbilled(view)}
          ${closing(view)}
        </main>
      </body>
    </html> `.text;

const heading = ({ issuer, state, firstDay }: StatementView): Html =>
  html`<header>
    <div>
      <p class="issuer">${issuer}</p>
      <h1>Statement for ${monthName(firstDay)}</h1>
    </div>
    <span class="badge ${state === 'draft' || state === 'void' ? 'draft' : ''}">${capitalised(state)}</span>
  </header>`;

const facts = (view: StatementView): Html =>
  html`<dl class="facts">
    ${fact('Customer', view.tenantName)} ${fact('Period (UTC)', `${view.firstDay} to ${view.lastDay}`)}
    ${fact('Statement', view.revision > 1 ? `${view.statementId}, revision ${view.revision}` : view.statementId)}
    ${view.invoiceId === undefined ? undefined : fact('Invoice', view.invoiceId)}
    ${fact('Total before tax', `${view.subtotal} ${view.currency}`)}
  </dl>`;

const fact = (name: string, value: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

const lines = ({ lines: all, subtotal, currency }: StatementView): Html =>
  html`<table>
    <thead>
      <tr>
        <th class="no" scope="col">#</th>
        <th scope="col">What</th>
        <th class="number" scope="col">Calls</th>
        <th class="number unit" scope="col">Unit price</th>
        <th class="number" scope="col">Amount (${currency})</th>
      </tr>
    </thead>
    <tbody>
      ${
        all.length === 0
          ? html`<tr>
              <td></td>
              <td colspan="4" class="note">Nothing was charged in this period.</td>
            </tr>`
          : all.map(line)
      }
    </tbody>
    <tfoot>
      <tr>
        <td></td>
        <td colspan="2">Total before tax</td>
        <td class="unit"></td>
        <td class="number">${subtotal} ${currency}</td>
      </tr>
    </tfoot>
  </table>`;

const line = (each: StatementViewLine): Html =>
  html`<tr class="${each.kind}">
    <td class="no">${each.lineNo}</td>
    <td>
      <div class="what">${each.description}</div>
      ${notesOf(each).map((note) => html`<div class="note">${note}</div>`)}${
        each.share > 0
          ? html`<div class="share"><i style="width:${(each.share / 10).toFixed(1)}%"></i></div>`
          : undefined
      }
    </td>
    <td class="number">${each.quantity}</td>
    <td class="number unit">${each.unitAmount}</td>
    <td class="number">${each.amount}</td>
  </tr>`;

const notesOf = ({ tool, days, freeQuantity, outcomes }: StatementViewLine): readonly string[] =>
  [
    [tool, days].filter((part) => part !== undefined).join(', '),
    freeQuantity === undefined ? '' : `${freeQuantity} of these calls are free of charge`,
    outcomes ?? '',
  ].filter((note) => note !== '');

const teams = ({ teams: all, currency }: StatementView): Html | undefined =>
  all.length === 0
    ? undefined
    : html`<h2>By team</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Team</th>
              <th scope="col">Cost centre</th>
              <th class="number" scope="col">Calls</th>
              <th class="number" scope="col">Amount (${currency})</th>
            </tr>
          </thead>
          <tbody>
            ${all.map(
              (each) =>
                html`<tr>
                  <td>${each.team === '' ? 'No team' : each.team}</td>
                  <td>${each.costCenter === '' ? '–' : each.costCenter}</td>
                  <td class="number">${each.quantity}</td>
                  <td class="number">${each.amount}</td>
                </tr> `,
            )}
          </tbody>
        </table>`;

const unpriced = ({ unpriced: all }: StatementView): Html | undefined =>
  all.length === 0
    ? undefined
    : html`<h2>Tools without a price</h2>
        <p class="callout">These tools were called and have no price, so nothing is charged for them here.</p>
        <table>
          <thead>
            <tr>
              <th scope="col">Tool</th>
              <th class="number" scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            ${all.map(
              ({ tool, quantity }) =>
                html`<tr>
                  <td>${tool}</td>
                  <td class="number">${quantity}</td>
                </tr> `,
            )}
          </tbody>
        </table>`;

const unbilled = ({ unbilled: all }: StatementView): Html | undefined =>
  all.length === 0
    ? undefined
    : html`<h2>Calls that are not charged</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Tool</th>
              <th scope="col">Outcome</th>
              <th class="number" scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            ${all.map(
              ({ tool, outcome, quantity }) =>
                html`<tr>
                  <td>${tool}</td>
                  <td>${outcomeWords[outcome] ?? outcome}</td>
                  <td class="number">${quantity}</td>
                </tr> `,
            )}
          </tbody>
        </table>`;

const outcomeWords: Readonly<Record<string, string>> = {
  ok: 'answered',
  tool_error: 'the tool reported an error',
  rpc_error: 'the server reported an error',
  input_required: 'the server asked for more input',
  task: 'started a task',
  unknown: 'outcome not known',
  none: 'no answer',
  refused: 'refused by the gateway',
  guard_refused: 'refused by the gateway',
  not_executed: 'not carried out',
  upstream_error: 'the server failed',
};

const closing = ({ sealSha256, sealedAt, lines: all }: StatementView): Html =>
  html`<footer>
    <p>
      One call of one tool is one unit. Each line is rounded once, half up, after its quantity is multiplied by its
      price; the total is the sum of the lines. Taxes are added on the invoice.
    </p>
    ${
      sealSha256 === undefined
        ? html`<p>This is a draft: numbers may still change until it is sealed.</p>`
        : html`<p>
            Sealed${sealedAt === undefined ? '' : ` ${sealedAt}`} with SHA-256 <code>${sealSha256}</code>. ${all.length}
            lines; the calls behind each are in its evidence.
          </p>`
    }
  </footer>`;

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const monthName = (day: string): string => {
  const names = 'January February March April May June July August September October November December'.split(' ');
  return `${names[Number(day.slice(5, 7)) - 1] ?? day} ${day.slice(0, 4)}`;
};
