import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, kinds } from './units.ts';

test('converts', () => {
  assert.equal(convert(1, 'mi', 'km'), 1.609344);
  assert.equal(convert(16, 'oz', 'lb'), 1);
  assert.equal(convert(0.1, 'm', 'm'), 0.1);
});

test('does not convert between kinds', () => {
  assert.equal(convert(1, 'm', 'kg'), undefined);
  assert.equal(convert(1, 'parsec', 'm'), undefined);
});

test('lists its units', () => {
  assert.deepEqual(kinds.volume, ['l', 'ml', 'gal', 'pt']);
});
