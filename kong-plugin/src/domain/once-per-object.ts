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
