const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** `1234` in eur is `12.34 EUR`; currencies without a minor unit have no decimals. */
export function formatAmount(minor: number, currency: string): string {
  const code = currency.toUpperCase();
  const digits = minorUnitDigits(code);
  const sign = minor < 0 ? '-' : '';
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${grouped}${digits === 0 ? '' : `.${text.slice(-digits)}`} ${code}`;
}

/** A unit price as people read it: `0.25` minor units of eur are `0.0025 EUR`. Exact: the point is moved in the text. */
export function formatUnitPrice(minorDecimal: string, currency: string): string {
  const code = currency.toUpperCase();
  const digits = minorUnitDigits(code);
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(minorDecimal) ?? [];
  const padded = whole.padStart(digits + 1, '0');
  const decimals = (digits === 0 ? '' : padded.slice(-digits)) + fraction;
  return `${sign}${padded.slice(0, padded.length - digits)}${decimals === '' ? '' : `.${decimals}`} ${code}`;
}

const minorUnitDigits = (code: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2;

export const formatDate = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('T', ' ').replace(':00.000Z', '').replace('.000Z', '');

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - Stripe double</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 0 1.5rem 3rem; }
.banner { background: #8a5a00; color: #fff; margin: 0 -1.5rem 1.5rem; padding: .5rem 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .4rem .6rem; text-align: left; vertical-align: top; }
.number { font-variant-numeric: tabular-nums; text-align: right; }
dl { display: grid; gap: .2rem 1rem; grid-template-columns: max-content 1fr; }
dt { opacity: .7; } dd { margin: 0; }
.status { border: 1px solid currentColor; border-radius: 1rem; font-size: .85em; padding: 0 .6rem; }
.status.paid { color: #0a7f3f; } .status.open { color: #1667c7; } .status.void, .status.uncollectible { color: #b3261e; }
code { font-size: .85em; }
@media (max-width: 40rem) { table { display: block; overflow-x: auto; } }
</style></head>
<body>
<p class="banner">Stripe double: a stand-in for tests and demonstrations. This is not Stripe, and nothing here is real money.</p>
<main><h1>${escapeHtml(title)}</h1>
${body}</main>
</body></html>
`;
}
