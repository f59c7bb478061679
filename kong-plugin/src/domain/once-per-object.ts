/** `derive`, asked once for each object; its answers live as long as their objects do. For objects that nobody changes. */
export const oncePerObject = <Key extends object, Value extends string | object>(
  derive: (key: Key) => Value,
): ((key: Key) => Value) => {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const value = derive(key);
    known.set(key, value);
    return value;
  };
};

/**
 * `derive`, asked once while it is the same object in a row that is asked about: for objects that live for one request, of which a
 * WeakMap would cost more than most of what is derived. For objects that nobody changes.
 */
export const onceInARow = <Key extends object, Value>(derive: (key: Key) => Value): ((key: Key) => Value) => {
  let last: { readonly key: Key; readonly value: Value } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: derive(key) };
    return last.value;
  };
};
