import { didYouMean } from "@vitscale/core";

/**
 * A check of one value of a configuration. It adds a sentence for every problem: the path, what was given, and what the rule is.
 * Checks are plain data about the type `T`, so that a configuration read from a file or changed on the command line meets the same
 * rules that the compiler applies to one written in TypeScript.
 */
export interface Schema<T> {
  check(value: unknown, path: string, problems: string[]): void;
  /** The schema of what a value has under a key; undefined where it has no such field. */
  at?(key: string, value: unknown): Schema<unknown> | OptionalSchema<unknown> | undefined;
  readonly isOptional?: false;
  /** Only for the compiler: ties the schema to its type. */
  readonly type?: T;
}

/** The check of a field that may be left out. */
export interface OptionalSchema<T> extends Omit<Schema<T>, "isOptional"> {
  readonly isOptional: true;
}

type Fields = Readonly<Record<string, Schema<unknown> | OptionalSchema<unknown>>>;

/** A schema for each field: the optional ones marked by {@link optional}, the others not, and none forgotten. */
type FieldSchemas<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? OptionalSchema<Exclude<T[K], undefined>> : Schema<T[K]>;
};

/** A number within bounds, both of which it may have but for `below`. */
export function number({ min = -Infinity, max = Infinity, below = Infinity, isInteger = false } = {}): Schema<number> {
  const kind = isInteger ? "an integer" : "a number";
  return primitive(`${kind}${rangeInWords(min, max, below)}`, (value) => {
    const isNumber = typeof value === "number" && (isInteger ? Number.isInteger(value) : Number.isFinite(value));
    return isNumber && value >= min && value <= max && value < below;
  });
}

function rangeInWords(min: number, max: number, below: number): string {
  if (min > -Infinity && max < Infinity) return ` from ${min} to ${max}`;
  const least = min === Number.MIN_VALUE ? "above 0" : min > -Infinity ? `of at least ${min}` : undefined;
  const most = below < Infinity ? `below ${below}` : max < Infinity ? `of at most ${max}` : undefined;
  const range = [least, most].filter((bound) => bound !== undefined);
  return range.length === 0 ? "" : ` ${range.join(" and ")}`;
}

/** An integer of at least `min`. */
export function integer(min = 0): Schema<number> {
  return number({ min, isInteger: true });
}

/** true or false. */
export const boolean: Schema<boolean> = primitive("true or false", (value) => typeof value === "boolean");

/** Text that is not empty. */
export const string: Schema<string> = primitive("a text", (value) => typeof value === "string" && value !== "");

/** One of the given values. */
export function oneOf<const T extends string | number | null>(...values: readonly T[]): Schema<T> {
  const names = values.map((value) => JSON.stringify(value));
  return {
    check(value, path, problems) {
      if (values.includes(value as T)) return;
      const hint = typeof value === "string" ? didYouMean(value, values.map(String)) : "";
      problems.push(`${path} is ${show(value)}; it must be ${names.join(" or ")}${hint}`);
    },
  };
}

/**
 * A value that fits one of two schemas. When neither fits, both rules are told; but where the value is of the shape of one of them (an
 * object with a wrong field), the problems inside of it.
 */
export function either<A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> {
  return {
    check(value, path, problems) {
      const [one, other]: [string[], string[]] = [[], []];
      first.check(value, path, one);
      second.check(value, path, other);
      if (one.length === 0 || other.length === 0) return;
      const beginning = `${path} is ${show(value)}; it must be `;
      const isOfOtherShape = ([problem = ""]: readonly string[]) => problem.startsWith(beginning);
      if (!isOfOtherShape(one)) problems.push(...one);
      else if (!isOfOtherShape(other)) problems.push(...other);
      else problems.push(`${one[0]}, or ${other[0]?.slice(beginning.length)}`);
    },
    at: (key, value) => first.at?.(key, value) ?? second.at?.(key, value),
  };
}

/** A list; each item is checked. */
export function list<T>(item: Schema<T>): Schema<readonly T[]> {
  return {
    check(value, path, problems) {
      if (!Array.isArray(value)) return void problems.push(`${path} is ${show(value)}; it must be a list`);
      for (const [index, entry] of value.entries()) item.check(entry, `${path}.${index}`, problems);
    },
    at: () => item,
  };
}

/** A list of fixed length, each place with a schema of its own. */
export function tuple<A, B>(first: Schema<A>, second: Schema<B>): Schema<readonly [A, B]> {
  return {
    check(value, path, problems) {
      if (!Array.isArray(value) || value.length !== 2) {
        return void problems.push(`${path} is ${show(value)}; it must be a pair`);
      }
      first.check(value[0], `${path}.0`, problems);
      second.check(value[1], `${path}.1`, problems);
    },
  };
}

/** An object whose keys are free and whose values are alike. */
export function record<T>(item: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return {
    check(value, path, problems) {
      if (!isObject(value)) return void problems.push(`${path} is ${show(value)}; it must be an object`);
      const keys = Object.keys(value);
      for (const [key, entry] of Object.entries(value)) {
        const own: string[] = [];
        item.check(entry, join(path, key), own);
        // A key that is a slip in the name of another, as in an override, has little under it.
        const others = keys.filter((other) => other !== key);
        problems.push(...own.map((text) => (text.endsWith(missing) ? text + didYouMean(key, others) : text)));
      }
    },
    at: () => optional(item),
  };
}

/** A field that may be left out. */
export function optional<T>(schema: Schema<T>): OptionalSchema<T> {
  return { ...schema, isOptional: true };
}

/** The check of an object, with the names of its fields. */
export interface ObjectSchema<T> extends Schema<T> {
  readonly names: readonly string[];
}

/** An object with exactly these fields; an unknown one is reported with the nearest known name. */
export function object<T extends object>(fields: FieldSchemas<T>): ObjectSchema<T> {
  return {
    names: Object.keys(fields),
    check(value, path, problems) {
      if (!isObject(value)) return void problems.push(`${path} is ${show(value)}; it must be an object`);
      checkFields(fields as Fields, value, path, problems);
    },
    at: (key) => fieldOf(fields as Fields, key),
  };
}

/** The member of a union that a kind belongs to; one member may have several kinds. */
type OfKind<T, Kind> = T extends { readonly kind: infer Own } ? (Kind extends Own ? T : never) : never;

/** An object whose field `kind` decides which other fields it has. One that only another kind has is told apart from a slip. */
export function byKind<T extends { readonly kind: string }>(
  variants: {
    readonly [K in T["kind"]]: FieldSchemas<Omit<OfKind<T, K>, "kind">>;
  },
): Schema<T> {
  const kinds = Object.keys(variants);
  return {
    check(value, path, problems) {
      if (!isObject(value)) return void problems.push(`${path} is ${show(value)}; it must be an object with a kind`);
      const before = problems.length;
      oneOf(...kinds).check(value.kind, join(path, "kind"), problems);
      if (problems.length > before) return;
      const kind = value.kind as T["kind"];
      const fieldsOf = (one: string) => ({ kind: string, ...(variants[one as T["kind"]] as unknown as Fields) });
      const owners = (key: string) => kinds.filter((other) => Object.hasOwn(fieldsOf(other), key));
      const isStray = (key: string) => !owners(key).includes(kind) && owners(key).length > 0;
      const strays = Object.keys(value).filter(isStray);
      const own = Object.fromEntries(Object.entries(value).filter(([key]) => !isStray(key)));
      if (strays.length > 0) {
        const others = [...new Set(strays.flatMap(owners))].map((other) => `"${other}"`).join(", ");
        problems.push(
          `${path} has ${strays.join(", ")}, which is not of kind "${kind}" but of ${others}; leave it out, or give ${path} as a whole: ` +
            `--${path} '${JSON.stringify(own)}'`,
        );
      }
      checkFields(fieldsOf(kind), own, path, problems);
    },
    at(key, value) {
      const kind = isObject(value) ? `${value.kind}` : "";
      const own = fieldOf(variants as unknown as Readonly<Record<string, Fields>>, kind);
      return own && fieldOf(own, key);
    },
  };
}

/** Any value but null: for parts that another package checks. */
export function anything<T>(): Schema<T> {
  return {
    check(value, path, problems) {
      if (value === null) problems.push(`${path} is null; it must be given, or left out where it may be`);
    },
  };
}

/** Whether null can only mean that the field at a path is left out: it may be, and null is no value that it has. */
export function isLeftOutByNull<T>(schema: Schema<T>, value: unknown, path: readonly string[]): boolean {
  let [found, held]: [Schema<unknown> | OptionalSchema<unknown> | undefined, unknown] = [schema, value];
  for (const key of path) {
    found = found?.at?.(key, held);
    held = isObject(held) ? held[key] : undefined;
  }
  const problems: string[] = [];
  found?.check(null, "", problems);
  return found?.isOptional === true && problems.length > 0;
}

function fieldOf<Field>(fields: Readonly<Record<string, Field>>, key: string): Field | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function checkFields(fields: Fields, value: Record<string, unknown>, path: string, problems: string[]): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) {
      problems.push(`${join(path, key)} is no known field${didYouMean(key, Object.keys(fields))}`);
    }
  }
  for (const [key, schema] of Object.entries(fields)) {
    if (value[key] !== undefined) schema.check(value[key], join(path, key), problems);
    else if (!schema.isOptional) problems.push(join(path, key) + missing);
  }
}

/** How the problem of a field that should be there ends. */
const missing = " is missing";

function primitive<T>(rule: string, isValid: (value: unknown) => boolean): Schema<T> {
  return {
    check(value, path, problems) {
      if (!isValid(value)) problems.push(`${path} is ${show(value)}; it must be ${rule}`);
    },
  };
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  const text = JSON.stringify(value) ?? `${typeof value}`;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
