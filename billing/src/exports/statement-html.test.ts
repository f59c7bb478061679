import { describe, expect, it } from 'vitest';
import { html } from './html.ts';
import { renderStatementHtml } from './statement-html.ts';
import { exampleView } from './testing/example-view.ts';

describe('html', () => {
  it('escapes every value, also in lists and attributes, and nothing twice', () => {
    const name = `<img src=x onerror="a('b')">&`;
    const escaped = '&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;';
    expect(html`<p title="${name}">${[name, html`<b>${name}</b>`]}${undefined}</p>`.text).toBe(
      `<p title="${escaped}">${escaped}<b>${escaped}</b></p>`,
    );
  });
});

describe('renderStatementHtml', () => {
  const text = compact(renderStatementHtml(exampleView));

  it('shows every line with its amount, and the total', () => {
    for (const { amount, tool } of exampleView.lines) {
      expect(text).toContain(`<td class="number">${amount}</td>`);
      if (tool !== undefined) expect(text).toContain(tool);
    }
    expect(text).toContain('1,284.37 EUR');
    expect(text).toContain('Statement for November 2026');
  });

  it('fetches nothing and runs nothing', () => {
    expect(text).not.toMatch(/<(script|link|img|iframe|object)\b|url\(|@import|\bon\w+=|https?:/i);
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('says which tools have no price and which calls are not charged', () => {
    expect(text).toContain('Tools without a price');
    expect(text).toContain('<td>orders / confirm_refund</td><td class="number">212</td>');
    expect(text).toContain('the tool reported an error');
  });

  it('says that a draft is one, and shows the seal of a sealed one', () => {
    const { sealSha256, sealedAt, ...rest } = exampleView;
    expect(text).toContain(`Sealed ${sealedAt ?? ''} with SHA-256 <code>${sealSha256 ?? ''}</code>`);
    const draft = compact(renderStatementHtml({ ...rest, state: 'draft' }));
    expect(draft).toContain('This is a draft');
    expect(draft).toContain('<span class="badge draft">Draft</span>');
  });

  it('has a sentence for a month without charges', () => {
    expect(renderStatementHtml({ ...exampleView, lines: [] })).toContain('Nothing was charged in this period.');
  });
});

const compact = (text: string): string => text.replace(/>\s+</g, '><').replace(/\s+/g, ' ');
