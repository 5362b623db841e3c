/** The words for a value of a wrong type, which depend on who reads it. */
import type { Scalar } from '../../catalog/schema.ts';

/** How a value of a wrong type is refused: undefined leaves it to the decoder. */
export type Refusal = (what: string, go: string, scalar: Scalar | undefined) => string | undefined;

export const wrongInJSON: Refusal = () => undefined;

/** Source: k8s.io/apimachinery/pkg/runtime/converter.go. */
export const wrongInConversion: Refusal = (what, go, scalar) => {
  const [word, digits = ''] = what.split(' ');
  const isFloat = /[.eE]/.test(digits);
  const from =
    word === 'number'
      ? isFloat
        ? 'float64'
        : 'int64'
      : word === 'array'
        ? 'slice'
        : word === 'object'
          ? 'map'
          : word!;
  switch (scalar) {
    case undefined:
      if (go.startsWith('[]')) return `cannot restore slice from ${from}`;
      return go.startsWith('map') ? `cannot restore map from ${from}` : `cannot restore struct from: ${from}`;
    case 'string':
      return from === 'int64' ? `cannot convert int64 to ${go}` : 'unrecognized type: string';
    case 'int32':
    case 'int64':
      return from === 'float64' ? `cannot convert float64 to ${go}` : `unrecognized type: ${scalar}`;
    case 'bool':
    case 'float64':
      return `unrecognized type: ${scalar}`;
    default:
      return undefined;
  }
};
