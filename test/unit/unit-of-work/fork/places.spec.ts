import { expect, it } from '@jest/globals';
import { Places, type Place } from '../../../../lib/unit-of-work/fork-places.js';
import { load, Order, orderDocument } from '../../tracking/subjects.js';

const { store } = load(Order, orderDocument());
const { store: other } = load(Order, orderDocument());
const at = (key: string, of = store): Place => ({ store: of, key });

it('holds one thing for each document, by its family and its key', () => {
  const places = new Places([at('a'), at('b')], [at('a', other)]);
  expect(places.size).toBe(3);
  const again = at('a');
  places.set(again);
  expect(places.size).toBe(3);
  expect(places.get(at('a'))).toBe(again);
  expect(places.has(at('c'))).toBe(false);
  expect([...places].map(({ key }) => key)).toEqual(['a', 'b', 'a']);
});

it('forgets what is deleted, once', () => {
  const places = new Places([at('a'), at('b')]);
  places.delete(at('a'));
  places.delete(at('a'));
  places.delete(at('a', other));
  expect([places.size, [...places].length, places.has(at('a'))]).toEqual([1, 1, false]);
  const visited: Place[] = [];
  places.forEach((place) => visited.push(place));
  expect(visited).toEqual([...places]);
});

it('is empty before anything is set', () => {
  const places = new Places();
  places.delete(at('a'));
  expect([places.size, [...places], places.get(at('a'))]).toEqual([0, [], undefined]);
});

it('is made of others, and shares nothing with them', () => {
  const first = new Places([at('a'), at('b')]);
  const second = new Places([at('b'), at('c', other)]);
  const both = new Places<Place>(first, second, new Places());
  expect([both.size, both.get(at('b'))]).toEqual([3, second.get(at('b'))]);
  both.set(at('d'));
  both.delete(at('a'));
  expect([first.size, first.has(at('a')), first.has(at('d'))]).toEqual([2, true, false]);
});
