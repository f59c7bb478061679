interface Line {
  readonly name: string;
  readonly value: string;
}

/**
 * Headers in the order and spelling in which they came; names are compared without case. Values are bytes in `latin1`
 * text, as Node has them: `fromWireText` and `toWireText` turn them into Lua strings and back.
 */
export class HeaderList {
  private lines: Line[] = [];

  /** From Node's `rawHeaders`. */
  static fromRaw(raw: readonly string[]): HeaderList {
    const list = new HeaderList();
    for (let index = 0; index + 1 < raw.length; index += 2) list.append(raw[index] ?? '', raw[index + 1] ?? '');
    return list;
  }

  get(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    return this.lines.filter((line) => line.name.toLowerCase() === wanted).map((line) => line.value);
  }

  first(name: string): string | undefined {
    return this.get(name)[0];
  }

  has(name: string): boolean {
    return this.get(name).length > 0;
  }

  append(name: string, value: string): void {
    this.lines.push({ name, value });
  }

  /** Replaces all lines of that name, in the place of the first. */
  set(name: string, values: string | readonly string[]): void {
    const wanted = name.toLowerCase();
    const at = this.lines.findIndex((line) => line.name.toLowerCase() === wanted);
    const added = (typeof values === 'string' ? [values] : values).map((value) => ({ name, value }));
    const rest = this.lines.filter((line) => line.name.toLowerCase() !== wanted);
    rest.splice(at < 0 ? rest.length : at, 0, ...added);
    this.lines = rest;
  }

  delete(name: string): void {
    const unwanted = name.toLowerCase();
    this.lines = this.lines.filter((line) => line.name.toLowerCase() !== unwanted);
  }

  clear(): void {
    this.lines = [];
  }

  /** Values by lower-case name, of the first `limit` lines (nginx reads no more; 0: all). */
  toMap(limit = 0): Map<string, string[]> {
    const map = new Map<string, string[]>();
    for (const { name, value } of limit > 0 ? this.lines.slice(0, limit) : this.lines) {
      const key = name.toLowerCase();
      const values = map.get(key);
      if (values === undefined) map.set(key, [value]);
      else values.push(value);
    }
    return map;
  }

  get count(): number {
    return this.lines.length;
  }

  clone(): HeaderList {
    const copy = new HeaderList();
    copy.lines = [...this.lines];
    return copy;
  }

  /** As Node writes them: a flat list of names and values. */
  toRaw(): string[] {
    return this.lines.flatMap(({ name, value }) => [name, value]);
  }

  entries(): readonly Line[] {
    return this.lines;
  }
}
