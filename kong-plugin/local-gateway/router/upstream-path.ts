export interface UpstreamPathOptions {
  /** Path of the service. */
  readonly base: string;
  /** Normalised path of the request. */
  readonly path: string;
  /** What follows the route's prefix. */
  readonly postfix: string;
  readonly strip: boolean;
  readonly handling: 'v0' | 'v1';
}

/** How Kong joins the service's path and the request's (`path_handling`). */
export const upstreamPath = (options: UpstreamPathOptions): string =>
  options.handling === 'v1' ? joinV1(options) : joinV0(options);

const joinV1 = ({ base, path, postfix, strip }: UpstreamPathOptions): string => {
  if (!strip) return base + path.slice(1);
  return base.endsWith('/') && postfix.startsWith('/') ? base.slice(0, -1) + postfix : base + postfix;
};

const joinV0 = ({ base, path, postfix, strip }: UpstreamPathOptions): string => {
  if (!strip) {
    if (base.endsWith('/')) return base + path.slice(1);
    return path === '/' ? base : base + path;
  }
  if (postfix === '') return joinNothing(base, path);
  if (base.endsWith('/')) return postfix.startsWith('/') ? base.slice(0, -1) + postfix : base + postfix;
  return postfix.startsWith('/') ? base + postfix : `${base}/${postfix}`;
};

/** The whole path was stripped: a trailing slash of the request is kept. */
const joinNothing = (base: string, path: string): string => {
  if (!base.endsWith('/')) return path.length > 1 && path.endsWith('/') ? `${base}/` : base;
  if (base === '/') return '/';
  return path.endsWith('/') ? base : base.slice(0, -1);
};
