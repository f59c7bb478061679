import { refusalInWords } from './refusalInWords';
import { restRequest } from './restRequest';

const base = 'http://127.0.0.1:8000/commerce';

describe('the request of a REST operation', () => {
  it('has its path, query and body from the arguments', () => {
    expect(
      restRequest(
        base,
        { method: 'post', path: '/payments/{id}/refund' },
        { path: { id: 'a/b 1' }, query: { dry: true, tag: ['x', 'y'], none: undefined }, body: { amount: 5 } },
      ),
    ).toEqual({
      url: `${base}/payments/a%2Fb%201/refund?dry=true&tag=x&tag=y`,
      init: {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: '{"amount":5}',
      },
    });
  });

  it('has no body and no query where none is given', () => {
    const { url, init } = restRequest(`${base}/`, { method: 'GET', path: '/products' }, {});
    expect(url).toBe(`${base}/products`);
    expect(init).toEqual({ method: 'GET', headers: { accept: 'application/json' } });
  });

  it.each([{}, { path: {} }, { path: { id: '' } }, { path: { id: null } }])(
    'is not made when a path parameter is missing: %j',
    (given) => {
      expect(() => restRequest(base, { method: 'GET', path: '/users/{id}' }, given)).toThrow(
        'The path parameter "id" is missing: give it in "path".',
      );
    },
  );

  it.each(['.', '..'])('is not made for a path parameter that climbs: %j', (id) => {
    expect(() => restRequest(base, { method: 'GET', path: '/users/{id}' }, { path: { id } })).toThrow(/cannot be/);
  });
});

describe('a refusal in words', () => {
  it('names the application, the tool and the rule, and says what to do', () => {
    expect(
      refusalInWords(
        { reason: 'tool_denied', rule: 'nobody-deletes' },
        { tool: 'delete_order', application: 'Helpdesk' },
      ),
    ).toBe(
      'Helpdesk may not call delete_order (rule nobody-deletes). Subscribe to a plan that includes it, or ask its owner.',
    );
  });

  it('repeats what the gateway said where that is the sentence to read', () => {
    const detail = 'Invoices above 1000 need a person.';
    expect(
      refusalInWords(
        { reason: 'arguments_denied', rule: 'large-invoices', detail },
        { tool: 'create_invoice', application: 'Helpdesk' },
      ),
    ).toBe('create_invoice refuses these arguments (rule large-invoices): Invoices above 1000 need a person.');
  });

  it('has a sentence for a reason that it does not know, and for none', () => {
    const about = { tool: 't', application: 'A' };
    expect(refusalInWords({ reason: 'brand_new', detail: 'Why.' }, about)).toBe('The gateway refused the call: Why.');
    expect(refusalInWords({}, about)).toBe('The gateway refused the call: it did not say why');
  });
});
