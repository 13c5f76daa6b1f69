import assert from 'node:assert/strict';
import { test } from 'node:test';
import { common, duration, readSettings } from '../src/settings.ts';

test('defaults, also for what is set but empty', () => {
  const expected = { PORT: 3000, LOG_LEVEL: 'info', DRAIN_DELAY: 0 };
  assert.deepEqual(readSettings({}, common), expected);
  assert.deepEqual(readSettings({ PORT: '', LOG_LEVEL: '', DRAIN_DELAY: '' }, common), expected);
});

test('what is set', () => {
  const environment = { PORT: '65535', LOG_LEVEL: 'debug', DRAIN_DELAY: '500ms' };
  const expected = { PORT: 65535, LOG_LEVEL: 'debug', DRAIN_DELAY: 500 };
  assert.deepEqual(readSettings(environment, common), expected);
});

for (const [text, milliseconds] of [
  ['0', 0],
  ['0s', 0],
  ['2s', 2_000],
  ['2.5s', 2_500],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
] as const) {
  test(`a duration: ${text}`, () => assert.equal(duration('9s')(text), milliseconds));
}

for (const [name, text, words] of [
  ['PORT', '0', 'set a number from 1 to 65535'],
  ['PORT', '65536', 'set a number from 1 to 65535'],
  ['PORT', '-1', 'set a number from 1 to 65535'],
  ['PORT', '80a', 'set a number from 1 to 65535'],
  ['PORT', '3e3', 'set a number from 1 to 65535'],
  ['PORT', ' 80', 'set a number from 1 to 65535'],
  ['PORT', '80\n81', 'set a number from 1 to 65535'],
  ['LOG_LEVEL', 'loud', 'set one of debug, info, warn, error'],
  ['LOG_LEVEL', 'silent', 'set one of debug, info, warn, error'],
  ['DRAIN_DELAY', '2', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '-2s', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '2s, please', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '.5s', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '1.s', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '5us', 'set a duration of at most 1h, such as 500ms or 2s'],
  ['DRAIN_DELAY', '61m', 'set a duration of at most 1h, such as 500ms or 2s'],
] as const) {
  test(`${name}=${JSON.stringify(text)} is refused in one line`, () => {
    const message = `reading ${name}: ${JSON.stringify(text)}: ${words}`;
    assert.throws(() => readSettings({ [name]: text }, common), { message });
  });
}

test('all that is wrong is reported, settings of a service too', () => {
  const settings = { ...common, UPSTREAM: (text: string) => new URL(text) };
  const environment = { PORT: 'x', LOG_LEVEL: 'x', DRAIN_DELAY: 'x', UPSTREAM: 'x' };
  assert.throws(
    () => readSettings(environment, settings),
    ({ message }) => message.split('\n').length === 4 && message.endsWith('"x": Invalid URL'),
  );
});
