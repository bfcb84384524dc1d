/**
 * Rules over parameter names, such as `[["head/kernel", 3], ["(.+/)?kernel", 0.03]]`: a regular expression that must match the
 * whole name, and the value for it. The first rule that matches wins.
 */
export type NameRules<Value> = readonly (readonly [pattern: string, value: Value])[];

/**
 * The value of each name by the first rule that matches it, `otherwise` where none does.
 *
 * @throws RangeError when a pattern is not a regular expression, matches no name, or only names that an earlier rule has taken:
 *   such a rule does nothing, so it is a slip.
 */
export function valuesByName<Value>(
  what: string,
  names: readonly string[],
  rules: NameRules<Value>,
  otherwise: Value,
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [pattern, value] of rules) {
    const expression = compile(what, pattern);
    const matched = names.filter((name) => expression.test(name));
    const free = matched.filter((name) => !values.has(name));
    if (free.length === 0) {
      const reason =
        matched.length > 0
          ? `matches only names that earlier rules have taken (${list(matched)}); put it before them`
          : `matches no parameter; names are like ${list(names)}`;
      throw new RangeError(`${what}: the rule "${pattern}" ${reason}`);
    }
    for (const name of free) values.set(name, value);
  }
  return new Map(names.map((name) => [name, values.has(name) ? (values.get(name) as Value) : otherwise]));
}

function compile(what: string, pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    throw new RangeError(`${what}: "${pattern}" is not a regular expression: ${(error as Error).message}`);
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => `"${name}"`);
  return shown.join(", ") + (names.length > 4 ? `, … (${names.length} in all)` : "");
}
