/** What stands for every value past the bound. */
export const OTHER = 'other';

/**
 * Lets the first `max` different values through and calls the rest `other`: a label whose values come from outside must not
 * be able to fill the memory of the gateway or of Prometheus.
 */
export const createBoundedLabel = (max: number): ((value: string) => string) => {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return OTHER;
    known.add(value);
    return value;
  };
};
