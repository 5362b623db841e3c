import { expect, it } from 'vitest';
import { type Commit, Commits } from './commits.ts';

const commit = (revision: number): Commit => ({ revision, events: [] });

it('each listener hears of each commit once, in order, and of its own after the one that it hears of', () => {
  const commits = new Commits();
  const heard: [string, number][] = [];
  commits.subscribe(({ revision }) => {
    heard.push(['first', revision]);
    if (revision !== 1) return;
    commits.add(commit(3));
    commits.deliver();
  });
  const stop = commits.subscribe(({ revision }) => heard.push(['second', revision]));
  commits.add(commit(1));
  commits.add(commit(2));
  commits.deliver();
  expect(heard).toEqual([
    ['first', 1],
    ['second', 1],
    ['first', 2],
    ['second', 2],
    ['first', 3],
    ['second', 3],
  ]);
  stop();
  commits.add(commit(4));
  commits.deliver();
  expect(heard.slice(6)).toEqual([['first', 4]]);
});

it('nobody hears of what was taken back', () => {
  const commits = new Commits();
  const heard: number[] = [];
  commits.subscribe(({ revision }) => heard.push(revision));
  commits.add(commit(1));
  const { waiting } = commits;
  commits.add(commit(2));
  commits.takeBack(waiting);
  commits.deliver();
  expect(heard).toEqual([1]);
});

it('one that fails keeps nobody else from hearing', () => {
  const commits = new Commits();
  const heard: number[] = [];
  commits.subscribe(({ revision }) => {
    throw new Error(`at ${revision}`);
  });
  commits.subscribe(({ revision }) => heard.push(revision));
  commits.add(commit(1));
  commits.add(commit(2));
  expect(() => commits.deliver()).toThrow('at 1');
  commits.add(commit(3));
  expect(() => commits.deliver()).toThrow('at 3');
  expect(heard).toEqual([1, 2, 3]);
});
