/** A parsed value; objects are maps, so that no key is special. */
export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

/** What is wrong with a text, and at which character. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Lists and records that may stand in each other. */
const mostLevels = 8;

/** Values that a text may hold, those within lists and records counted too: of two bytes can become a map of a hundred. */
export const mostValues = 2 ** 21;

/**
 * Parses JSON from a source that is not trusted. Unlike `JSON.parse` it refuses duplicate keys, where readers differ in
 * which one they take, nesting beyond 8 levels, and more than {@link mostValues}.
 *
 * @throws JsonError
 */
export function parseJson(text: string): Json {
  let at = 0;
  let values = 0;

  const fail = (problem: string): never => {
    throw new JsonError(`${problem} at character ${at}`);
  };
  const peek = (): string => {
    while (at < text.length && " \t\n\r".includes(text.charAt(at))) at++;
    return text.charAt(at);
  };
  const take = (expected: string): boolean => {
    if (peek() !== expected) return false;
    at++;
    return true;
  };
  const expect = (expected: string) => {
    if (!take(expected)) fail(at === text.length ? "ends early" : `has no "${expected}"`);
  };

  const string = (): string => {
    const start = at++;
    while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
    expect('"');
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail("has a malformed string that ends");
    }
  };
  const scalar = (): Json => {
    word.lastIndex = at;
    const match = word.exec(text)?.[0];
    if (match === undefined) return fail(at === text.length ? "ends early" : "is malformed");
    at += match.length;
    return JSON.parse(match) as number | boolean | null;
  };
  const list = (depth: number): Json[] => {
    const items: Json[] = [];
    if (take("]")) return items;
    do items.push(value(depth));
    while (take(","));
    expect("]");
    return items;
  };
  const record = (depth: number): Map<string, Json> => {
    const entries = new Map<string, Json>();
    if (take("}")) return entries;
    do {
      const key = peek() === '"' ? string() : fail("has no key");
      if (entries.has(key)) fail(`has the key ${JSON.stringify(key)} twice, the second time`);
      expect(":");
      entries.set(key, value(depth));
    } while (take(","));
    expect("}");
    return entries;
  };
  const value = (depth: number): Json => {
    const first = peek();
    if (++values > mostValues) fail(`holds more than ${mostValues} values`);
    if (first === '"') return string();
    if (first !== "[" && first !== "{") return scalar();
    if (depth === mostLevels) fail(`is nested more than ${mostLevels} deep`);
    at++;
    return first === "[" ? list(depth + 1) : record(depth + 1);
  };

  const result = value(0);
  if (peek() !== "") fail("has something after its end");
  return result;
}
