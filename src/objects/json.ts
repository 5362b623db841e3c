/** JSON whose shape is not known until somebody looks. */

export type JSONObject = Record<string, unknown>;

export const isJSONObject = (value: unknown): value is JSONObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
