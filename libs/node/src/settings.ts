/** Reads the text of an environment variable, empty if it is unset. The message of an error that it throws is reported. */
export type Setting<T> = (text: string) => T;

/** Settings by the names of their environment variables. */
export type Settings = Record<string, Setting<unknown>>;

export type Values<S> = { [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never };

const MILLISECONDS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration as Go writes it, such as 500ms, 2s, 1m30s, of at most an hour; its value is in milliseconds. */
export const duration =
  (fallback: string): Setting<number> =>
  (text) => {
    const wanted = text || fallback;
    if (wanted === '0') return 0;
    const parts = [...wanted.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    const sum = parts.reduce(
      (ms, [, n, unit = '']) => ms + Number(n) * (MILLISECONDS[unit] ?? 0),
      0,
    );
    if (parts.map(([part]) => part).join('') !== wanted || sum > 3_600_000) {
      throw new Error('set a duration of at most 1h, such as 500ms or 2s');
    }
    return sum;
  };

/** One of some words. */
export const oneOf =
  <const T extends string>(words: readonly T[], fallback: NoInfer<T>): Setting<T> =>
  (text) => {
    const found = words.find((word) => word === (text || fallback));
    if (found === undefined) throw new Error(`set one of ${words.join(', ')}`);
    return found;
  };

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : text === '' ? 3000 : 0;
  if (value < 1 || value > 65_535) throw new Error('set a number from 1 to 65535');
  return value;
}

/** The settings of every service. */
export const common = {
  PORT: port,
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error'], 'info'),
  /** How long to keep serving after SIGTERM, in milliseconds. */
  DRAIN_DELAY: duration('0s'),
};

/** Reads settings from an environment. The error has a line for each that is wrong. */
export function readSettings<S extends Settings>(
  environment: NodeJS.ProcessEnv,
  settings: S,
): Values<S> {
  const wrong: string[] = [];
  const values = Object.entries(settings).map(([name, read]) => {
    const text = environment[name] ?? '';
    try {
      return [name, read(text)];
    } catch (error) {
      wrong.push(`reading ${name}: ${JSON.stringify(text)}: ${(error as Error).message}`);
      return [name];
    }
  });
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return Object.fromEntries(values) as Values<S>;
}
