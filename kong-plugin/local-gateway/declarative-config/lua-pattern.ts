/** Lua's character classes as the inside of a JavaScript class. */
const classes: Readonly<Record<string, string>> = {
  a: 'A-Za-z',
  c: '\\x00-\\x1f\\x7f',
  d: '0-9',
  l: 'a-z',
  p: '!-\\/:-@\\[-`{-~',
  s: '\\s',
  u: 'A-Z',
  w: 'A-Za-z0-9',
  x: 'A-Fa-f0-9',
};

const quantifiers: Readonly<Record<string, string>> = { '*': '*', '+': '+', '?': '?', '-': '*?' };

/**
 * A Lua pattern as a regular expression, for the `match` validators of Kong schemas. Balanced matches and frontiers do not
 * occur there.
 */
export const toRegExp = (pattern: string): RegExp => {
  let source = '';
  let index = 0;
  if (pattern.startsWith('^')) {
    source = '^';
    index = 1;
  }
  while (index < pattern.length) {
    const [item, next] = readItem(pattern, index);
    const quantifier = next < pattern.length && isSingle(item) ? quantifiers[pattern.charAt(next)] : undefined;
    source += item + (quantifier ?? '');
    index = quantifier === undefined ? next : next + 1;
  }
  return new RegExp(source, 's');
};

const isSingle = (item: string): boolean => item !== '(' && item !== ')' && item !== '$';

const readItem = (pattern: string, index: number): readonly [string, number] => {
  const character = pattern.charAt(index);
  if (character === '%') return [escaped(pattern.charAt(index + 1), false), index + 2];
  if (character === '[') return readSet(pattern, index);
  if (character === '.') return ['[^]', index + 1];
  if (character === '(' || character === ')') return [character, index + 1];
  if (character === '$' && index === pattern.length - 1) return ['$', index + 1];
  return [literal(character), index + 1];
};

const readSet = (pattern: string, start: number): readonly [string, number] => {
  let index = start + 1;
  let source = '[';
  if (pattern.charAt(index) === '^') {
    source += '^';
    index += 1;
  }
  const first = index;
  while (index < pattern.length && (pattern.charAt(index) !== ']' || index === first)) {
    if (pattern.charAt(index) === '%') {
      source += escaped(pattern.charAt(index + 1), true);
      index += 2;
    } else {
      source += pattern.charAt(index) === '-' ? '-' : literal(pattern.charAt(index));
      index += 1;
    }
  }
  return [`${source}]`, index + 1];
};

const escaped = (character: string, insideSet: boolean): string => {
  const inside = classes[character.toLowerCase()];
  if (inside === undefined) return literal(character);
  const isNegated = character !== character.toLowerCase();
  if (insideSet && !isNegated) return inside;
  return isNegated ? `[^${inside}]` : `[${inside}]`;
};

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
