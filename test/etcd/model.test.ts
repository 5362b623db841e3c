import { expect, it } from 'vitest';
import { firstDifference, shrink } from './model.ts';
import { randomScript, seeded } from './script.ts';

/** More by `ETCD_MODEL_OPERATIONS=2000000`; another run by `ETCD_MODEL_SEED`. */
const operations = Number(process.env.ETCD_MODEL_OPERATIONS ?? 200_000);
const firstSeed = Number(process.env.ETCD_MODEL_SEED ?? 1);
const SCRIPT = 200;

it(`does what a plain model of etcd does, in ${operations} random operations`, { timeout: 300_000 }, () => {
  for (let seed = firstSeed; seed < firstSeed + operations / SCRIPT; seed++) {
    const script = randomScript(seeded(seed), SCRIPT);
    if (firstDifference(script) === undefined) continue;
    const shortest = shrink(script);
    expect.fail(`seed ${seed}: ${firstDifference(shortest)}\n${shortest.map((op) => JSON.stringify(op)).join('\n')}`);
  }
});
