/** Descriptions of fields, for the columns of tables. */
export const fieldProse = (_type: string, _field: string): string => '';
