/** For screens in both schemes and for paper: light whatever the screen is, lines kept whole, headings repeated. */
export const statementStyle = `
:root { color-scheme: light dark; --ink: #16202c; --quiet: #5b6878; --line: #dde3ea; --paper: #ffffff; --desk: #eef1f5;
  --accent: #1f5fbf; --bar: #c9dbf5; --wash: #f6f8fb; --warn: #8a5a00; --warn-wash: #fff6e0; --ok: #1c7044; --ok-wash: #e5f5ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf2; --quiet: #98a5b5; --line: #2d3846; --paper: #17202b;
  --desk: #0e141b; --accent: #82b1f5; --bar: #2b4467; --wash: #1d2834; --warn: #f0c268; --warn-wash: #352a12; --ok: #7fd3a4; --ok-wash: #14301f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1rem; background: var(--desk); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 3rem; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
header { display: flex; justify-content: space-between; gap: 2rem; align-items: flex-start; margin-bottom: 2.25rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 2.5rem 0 0.6rem; font-size: 1.05rem; }
.issuer { color: var(--quiet); margin: 0 0 0.35rem; font-weight: 600; }
.badge { display: inline-block; padding: 0.15rem 0.7rem; border-radius: 99px; font-size: 0.85rem; font-weight: 600;
  background: var(--ok-wash); color: var(--ok); }
.badge.draft { background: var(--warn-wash); color: var(--warn); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem 2rem; margin: 0 0 2rem;
  padding: 1.1rem 1.3rem; background: var(--wash); border-radius: 8px; }
.facts dt { color: var(--quiet); font-size: 0.82rem; } .facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: 0.82rem; font-weight: 600; color: var(--quiet); border-bottom: 1px solid var(--line); padding: 0.45rem 0.6rem; }
td { padding: 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.no { color: var(--quiet); width: 2.2rem; font-variant-numeric: tabular-nums; }
.what { font-weight: 600; overflow-wrap: anywhere; } .note { color: var(--quiet); font-size: 0.84rem; }
.share { height: 4px; margin-top: 0.4rem; max-width: 15rem; border-radius: 2px; background: var(--wash); }
.share i { display: block; height: 100%; border-radius: 2px; background: var(--bar); }
tr.free td, tr.free .what { color: var(--quiet); font-weight: 400; }
tfoot td { border-bottom: 0; padding-top: 1rem; font-size: 1.15rem; font-weight: 700; }
tfoot .number { color: var(--accent); }
.callout { margin: 0.5rem 0 0; padding: 0.75rem 1rem; border-radius: 8px; background: var(--warn-wash); color: var(--warn); }
footer { margin-top: 2.75rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.82rem; }
code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
@media (max-width: 40rem) { main { padding: 1.4rem; } header { flex-direction: column; gap: 0.8rem; } .unit { display: none; } }
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; color: #5b6878; } }
@media print { :root { color-scheme: light; --ink: #16202c; --quiet: #4d5967; --line: #ccd3db; --paper: #fff; --desk: #fff;
  --accent: #16202c; --bar: #9db4d6; --wash: #f3f5f8; --warn: #6b4700; --warn-wash: #fff6e0; --ok: #1c7044; --ok-wash: #e5f5ec; }
  body { padding: 0; font-size: 10pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; border: 0; border-radius: 0; }
  thead { display: table-header-group; } tfoot { display: table-row-group; } tr, .callout, .facts { break-inside: avoid; } h2 { break-after: avoid; } }
`;
