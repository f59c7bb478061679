type Defined<Fields extends object> = {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>;
};

/** The fields that have a value: an optional field is left out, never present and undefined. */
export const definedFields = <Fields extends object>(fields: Fields): Defined<Fields> => {
  const defined: { [Key in keyof Fields]?: unknown } = {};
  // A loop: every request comes here a dozen times, and lists of entries took 4 times as long.
  for (const name in fields) if (fields[name] !== undefined) defined[name] = fields[name];
  return defined as Defined<Fields>;
};

/** Every field written out, so that none is forgotten; an optional one may be undefined. */
export type AllFields<Whole extends object> = {
  readonly [Key in keyof Required<Whole>]: Whole[Key];
};

/**
 * The same object, whose members that are undefined pass for left out: for what is read member by member, or ends as JSON.
 * Every request makes a dozen such objects, and `definedFields` would copy each.
 */
export const optionalFields = <const Fields extends object>(fields: Fields): Defined<Fields> => fields;
