import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../src/settings.ts';

test('defaults, also for what is set but empty', () => {
  const expected = { port: 3000, logLevel: 'info', drainDelay: 0 };
  assert.deepEqual(readSettings({}), expected);
  assert.deepEqual(readSettings({ PORT: '', LOG_LEVEL: '', DRAIN_DELAY: '' }), expected);
});

for (const [text, milliseconds] of [
  ['0', 0],
  ['0s', 0],
  ['500ms', 500],
  ['2s', 2_000],
  ['2.5s', 2_500],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
] as const) {
  test(`DRAIN_DELAY=${text}`, () => {
    assert.equal(readSettings({ DRAIN_DELAY: text }).drainDelay, milliseconds);
  });
}

for (const [name, text] of [
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80a'],
  ['PORT', '3e3'],
  ['PORT', ' 80'],
  ['LOG_LEVEL', 'loud'],
  ['DRAIN_DELAY', '2'],
  ['DRAIN_DELAY', '-2s'],
  ['DRAIN_DELAY', '2s, please'],
  ['DRAIN_DELAY', '.5s'],
  ['DRAIN_DELAY', '1.s'],
  ['DRAIN_DELAY', '5us'],
  ['DRAIN_DELAY', '61m'],
] as const) {
  test(`${name}=${text} is refused in one line that names it`, () => {
    assert.throws(
      () => readSettings({ [name]: text }),
      ({ message }) => message.startsWith(`${name} must be `) && message.endsWith(`not "${text}"`),
    );
  });
}
