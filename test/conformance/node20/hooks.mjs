const shim = new URL('./fs-with-glob.mjs', import.meta.url).href;

export async function resolve(specifier, context, next) {
  const fromSuite = context.parentURL?.includes('conformance') && context.parentURL !== shim;
  return specifier === 'fs' && fromSuite ? { url: shim, shortCircuit: true } : next(specifier, context);
}
