import { describe, expect, it } from 'vitest';
import { BUILT_IN_SCHEMAS, builtInStruct } from '../../catalog/schema.ts';
import { StatusError } from '../../objects/status.ts';
import { decodeBody, type FieldValidation, MAX_REPEATED } from './body.ts';
import { convertValue, MAX_STRICT } from './decode.ts';
import { MAX_DECODED_CHARACTERS } from './decoded-size.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const SERVICE = { group: '', version: 'v1', kind: 'Service' };

const decode = (text: string, expected = POD, validation: FieldValidation = 'Warn', type = 'application/json') =>
  decodeBody(new TextEncoder().encode(text), type, expected, validation, BUILT_IN_SCHEMAS);

function refusal(text: string, expected = POD, validation: FieldValidation = 'Warn'): string {
  try {
    decode(text, expected, validation);
  } catch (error) {
    if (error instanceof StatusError) return error.status.message!;
    throw error;
  }
  throw new Error('accepted');
}

describe('a JSON body', () => {
  it('is printed as Go prints it: quantities canonical, empty fields left out, structs shown', () => {
    const { object } = decode(
      '{"metadata":{"name":"p","labels":{}},"spec":{"hostNetwork":false,"containers":[{"name":"c","image":"","resources":{"limits":{"cpu":0.5,"memory":"1024Mi"}}}]}}',
    );
    expect(object).toEqual({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
      status: {},
    });
  });

  it('prints null for lists that are always shown', () => {
    const { object } = decode('{"metadata":{"name":"r"}}', {
      group: 'rbac.authorization.k8s.io',
      version: 'v1',
      kind: 'Role',
    });
    expect(object.rules).toBeNull();
  });

  it('prints nothing for bytes that are null, as they come back from the store', () => {
    const secret = { group: '', version: 'v1', kind: 'Secret' };
    const { object } = decode('{"metadata":{"name":"s"},"data":{"a":null,"b":"","c":"eA=="}}', secret);
    expect(object.data).toEqual({ a: '', b: '', c: 'eA==' });
  });

  it.each([
    ['{"spec":{"priority":"high"}}', 'string into Go struct field PodSpec.spec.priority of type int32'],
    ['{"spec":{"priority":1.5}}', 'number 1.5 into Go struct field PodSpec.spec.priority of type int32'],
    ['{"spec":{"priority":5000000000}}', 'number 5000000000 into Go struct field PodSpec.spec.priority of type int32'],
    ['{"spec":{"containers":{}}}', 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['{"spec":{"containers":["x"]}}', 'string into Go struct field PodSpec.spec.containers of type v1.Container'],
    ['{"spec":{"nodeSelector":[]}}', 'array into Go struct field PodSpec.spec.nodeSelector of type map[string]string'],
    ['{"metadata":"x"}', 'string into Go struct field Pod.metadata of type v1.ObjectMeta'],
    ['{"spec":{"restartPolicy":1}}', 'number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy'],
  ])('refuses %s', (text, words) => {
    expect(refusal(text)).toBe(`Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal ${words}`);
  });

  it('refuses quantities and times that are none', () => {
    const pod = 'Pod in version "v1" cannot be handled as a Pod: ';
    expect(refusal('{"spec":{"overhead":{"cpu":"x"}}}')).toContain('quantities must match the regular expression');
    expect(refusal('{"metadata":{"creationTimestamp":"x"}}')).toBe(
      `${pod}parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`,
    );
  });

  it('warns of unknown and repeated fields, or refuses them', () => {
    const text = '{"spec":{"zzz":1,"containers":[{"name":"a","name":"b","yyy":2}]}}';
    const { object, warnings } = decode(text);
    expect(warnings).toEqual([
      'unknown field "spec.zzz"',
      'duplicate field "spec.containers[0].name"',
      'unknown field "spec.containers[0].yyy"',
    ]);
    expect(object.spec.containers[0].name).toBe('b');
    expect(refusal(text, POD, 'Strict')).toContain('strict decoding error: unknown field "spec.zzz", duplicate');
    expect(decode(text, POD, 'Ignore').warnings).toEqual([]);
  });

  it('tells of unknown fields in the order of the text', () => {
    const text = '{"spec":{"a":1,"containers":[{"z":1,"name":"c","y":2}],"b":2,"affinity":{"c":3}},"metadata":{"d":4}}';
    expect(decode(text).warnings.map((w) => w.slice(14))).toEqual([
      '"spec.a"',
      '"spec.containers[0].z"',
      '"spec.containers[0].y"',
      '"spec.b"',
      '"spec.affinity.c"',
      '"metadata.d"',
    ]);
  });

  it('refuses what is no JSON in the words of Go', () => {
    expect(refusal('{"a":}')).toBe(
      `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character '}' looking for beginning of value ({"a":})`,
    );
    expect(refusal('')).toContain('unexpected end of JSON input (<empty>)');
  });

  it('refuses another kind and another version', () => {
    expect(refusal('{"kind":"Zzz","apiVersion":"v1"}')).toBe(
      'Zzz in version "v1" cannot be handled as a Pod: no kind "Zzz" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    );
    expect(refusal('{"kind":"Pod","apiVersion":"v1"}', SERVICE)).toContain('unknown conversion');
  });
});

describe('a YAML body', () => {
  it('is read as YAML 1.1 without dates', () => {
    const { object } = decode(
      'metadata:\n  name: p\n  annotations: {day: 2020-01-01, time: "12:30"}\nspec:\n  hostNetwork: yes\n',
      POD,
      'Warn',
      'application/yaml',
    );
    expect(object.metadata.annotations).toEqual({ day: '2020-01-01', time: '12:30' });
    expect(object.spec.hostNetwork).toBe(true);
  });
});

describe('a strategic merge patch', () => {
  const pod = builtInStruct('io.k8s.api.core.v1.Pod');

  it.each([
    [{ spec: { priority: 'x' } }, 'unrecognized type: int32'],
    [{ spec: { priority: 1.5 } }, 'cannot convert float64 to int32'],
    [{ spec: { nodeName: 5 } }, 'cannot convert int64 to string'],
    [{ spec: { restartPolicy: 5 } }, 'cannot convert int64 to v1.RestartPolicy'],
    [{ spec: { containers: 'x' } }, 'cannot restore slice from string'],
    [{ metadata: { labels: [] } }, 'cannot restore map from slice'],
    [{ spec: true }, 'cannot restore struct from: bool'],
  ])('is refused in the words of the converter: %j', (value, words) => {
    expect(() => convertValue(pod, value)).toThrow(words);
  });
});

describe('what a few bytes become', () => {
  const containers = (count: number) => JSON.stringify({ spec: { containers: Array(count).fill({}) } });

  it('is counted while it is decoded', () => {
    // Go prints a name and resources of each.
    expect(decode(containers(50_000)).object.spec.containers).toHaveLength(50_000);
    expect(() => decode(containers(500_000))).toThrow('the object is longer than');
    const long = (length: number) => JSON.stringify({ metadata: { name: 'x'.repeat(length) } });
    expect(decode(long(MAX_DECODED_CHARACTERS - 1000)).object.metadata.name).toHaveLength(
      MAX_DECODED_CHARACTERS - 1000,
    );
    expect(() => decode(long(MAX_DECODED_CHARACTERS))).toThrow('Request entity too large');
  });
});

it('is told of so many fields that nobody knows, and of no more', () => {
  const unknown = (count: number): string[] => {
    const fields = Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 1]));
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...fields });
    const pod = { group: '', version: 'v1', kind: 'Pod' };
    return decodeBody(new TextEncoder().encode(text), 'application/json', pod, 'Warn', BUILT_IN_SCHEMAS).warnings;
  };
  expect(unknown(MAX_STRICT)).toHaveLength(MAX_STRICT);
  expect(unknown(MAX_STRICT + 1)).toHaveLength(MAX_STRICT);
  const repeated = (count: number): string[] => {
    const fields = Array.from({ length: count }, (_, i) => `  a${i}: one\n  a${i}: two\n`).join('');
    const text = `apiVersion: v1\nkind: Pod\nmetadata:\n labels:\n${fields}`;
    const pod = { group: '', version: 'v1', kind: 'Pod' };
    return decodeBody(new TextEncoder().encode(text), 'application/yaml', pod, 'Warn', BUILT_IN_SCHEMAS).warnings;
  };
  expect(repeated(MAX_REPEATED)).toHaveLength(MAX_REPEATED);
  expect(repeated(MAX_REPEATED + 1)).toHaveLength(MAX_REPEATED);
});
