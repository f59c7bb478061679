const RESERVED = new Set("!*'();:@&=+$,/?%#[]");

/**
 * A request path as Kong's router sees it (kong/tools/uri.lua `normalize`): everything but reserved characters is
 * percent-decoded, dot segments are removed and runs of slashes merged. Works on `latin1` text, so on bytes.
 */
export const normalizePath = (path: string): string => {
  if (path === '' || path === '/') return path;
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return RESERVED.has(character) ? escape.toUpperCase() : character;
  });
  return decoded.includes('.') || decoded.includes('//') ? removeDotSegments(decoded) : decoded;
};

const removeDotSegments = (path: string): string => {
  const output: string[] = [];
  let rest = path;
  while (rest !== '') {
    if (rest === '.' || rest === '..') rest = '';
    else if (rest.startsWith('../')) rest = rest.slice(3);
    else if (rest.startsWith('./')) rest = rest.slice(2);
    else if (rest === '/.') rest = '/';
    else if (rest.startsWith('/./')) rest = rest.slice(2);
    else if (rest === '/..' || rest.startsWith('/../')) {
      output.pop();
      rest = `/${rest.slice(4)}`;
    } else if (rest.startsWith('//')) rest = rest.slice(1);
    else {
      const end = rest.indexOf('/', 1);
      output.push(end < 0 ? rest : rest.slice(0, end));
      rest = end < 0 ? '' : rest.slice(end);
    }
  }
  return output.join('');
};

/** Everything that must not stand in a request line, escaped (kong/tools/uri.lua `escape`). */
export const escapePath = (path: string): string =>
  path.replace(
    /[^!#$&'()*+,/:;=?@[\]A-Za-z\d\-_.~%]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
