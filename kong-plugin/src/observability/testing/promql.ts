/** One metric that an expression reads, with every label it is filtered or grouped by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

const functions = new Set(['rate', 'increase', 'histogram_quantile', 'clamp_min', 'time', 'vector']);
const aggregations = new Set(['sum', 'min', 'max', 'avg', 'count']);
const operators = new Set(['+', '-', '*', '/', '==', '!=', '>', '<', '>=', '<=', 'or', 'and', 'unless']);

const tokenPattern =
  /\s+|("(?:[^"\\]|\\.)*")|(\[\s*(?:\$__rate_interval|\d+[smhd])\s*\])|(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_:][A-Za-z0-9_:]*)|(=~|!~|==|!=|>=|<=|[-+*/=<>(){},])/gy;

/** The part of PromQL that dashboards are written in. Throws, naming the place, when the text is anything else. */
export const readPromql = (text: string): readonly Selector[] => {
  const parser = new Parser(tokenize(text), text);
  const selectors = parser.expression();
  parser.end();
  return selectors;
};

const tokenize = (text: string): readonly string[] => {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) throw new Error(`${text}: not PromQL from "${text.slice(at, at + 20)}"`);
    if (match[0].trim() !== '') tokens.push(match[0]);
  }
  return tokens;
};

class Parser {
  private position = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly text: string,
  ) {}

  expression(): readonly Selector[] {
    const found = [...this.term()];
    while (operators.has(this.peek())) {
      this.position += 1;
      found.push(...this.term());
    }
    return found;
  }

  end(): void {
    if (this.position < this.tokens.length) this.fail('the end');
  }

  private term(): readonly Selector[] {
    const token = this.take();
    if (token === '(') return this.closed(this.expression());
    if (/^\d/.test(token)) return [];
    if (aggregations.has(token)) return this.aggregation();
    if (functions.has(token)) return this.call();
    if (/^[A-Za-z_:]/.test(token) && this.peek() !== '(') return [this.selector(token)];
    return this.fail('an expression');
  }

  private aggregation(): readonly Selector[] {
    const before = this.grouping();
    const inner = this.call();
    const labels = before ?? this.grouping() ?? [];
    return inner.map(({ metric, labels: own }) => ({ metric, labels: [...own, ...labels] }));
  }

  private grouping(): readonly string[] | undefined {
    if (this.peek() !== 'by') return undefined;
    this.position += 1;
    this.expect('(');
    const labels = [this.take()];
    while (this.skip(',')) labels.push(this.take());
    this.expect(')');
    return labels;
  }

  private call(): readonly Selector[] {
    this.expect('(');
    if (this.skip(')')) return [];
    const found = [...this.expression()];
    while (this.skip(',')) found.push(...this.expression());
    return this.closed(found);
  }

  private selector(metric: string): Selector {
    const labels: string[] = [];
    if (this.skip('{')) {
      do {
        labels.push(this.take());
        if (!['=', '!=', '=~', '!~'].includes(this.take())) this.fail('a label matcher');
        if (!this.take().startsWith('"')) this.fail('a quoted value');
      } while (this.skip(','));
      this.expect('}');
    }
    if (this.peek().startsWith('[')) this.position += 1;
    return { metric, labels };
  }

  private closed(found: readonly Selector[]): readonly Selector[] {
    this.expect(')');
    return found;
  }

  private peek(): string {
    return this.tokens[this.position] ?? '';
  }

  private take(): string {
    const token = this.peek();
    if (token === '') this.fail('more');
    this.position += 1;
    return token;
  }

  private skip(token: string): boolean {
    if (this.peek() !== token) return false;
    this.position += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.skip(token)) this.fail(`"${token}"`);
  }

  private fail(expected: string): never {
    throw new Error(
      `${this.text}: expected ${expected} before "${this.tokens.slice(this.position, this.position + 4).join(' ')}"`,
    );
  }
}
