import type { Schema, Values } from "./schema.ts";

/** What the keys of a schema with `field: "part.name"` become: their values under those names. */
export type FieldsOf<S extends Schema, Part extends string> = {
  readonly [K in keyof S as NameIn<S[K], Part>]: S[K]["fallback"];
};

type NameIn<K, Part extends string> = K extends { readonly field: `${Part}${infer Name}` }
  ? Name extends `${string}.${string}`
    ? never
    : Name
  : never;

/** The values of a table under the names that their keys have in one part of the record: `"limits."`, `""` for its top. */
export function fieldsOf<S extends Schema, const Part extends string>(
  schema: S,
  values: Values<S>,
  part: Part,
): FieldsOf<S, Part> {
  const pairs = Object.entries(schema).flatMap(([name, { field }]) => {
    const own = field?.startsWith(part) ? field.slice(part.length) : undefined;
    return own === undefined || own.includes(".") ? [] : [[own, Reflect.get(values, name)]];
  });
  // One pair for each name of the type, by the same rule.
  return Object.fromEntries(pairs) as FieldsOf<S, Part>;
}

/** The way back: each key with a `field`, as a user would write what the record has there. */
export function fieldsAsKeys(schema: Schema, record: object): Record<string, unknown> {
  const pairs = Object.entries(schema).flatMap(([name, { field, type }]) => {
    if (field === undefined) {
      return [];
    }
    const value = field.split(".").reduce<unknown>(memberOf, record);
    return [[name, value === undefined ? undefined : (type.write?.(value) ?? value)]];
  });
  return Object.fromEntries(pairs);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) {
    throw new Error(`a key has the field ${name}, which is not in what was read`);
  }
  return Reflect.get(value, name);
}
