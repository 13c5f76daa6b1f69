const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const HOUR = 3_600_000;

export interface Settings {
  port: number;
  logLevel: string;
  /** How long requests are still served after the signal to stop, in milliseconds. */
  drainDelay: number;
}

/** Reads the settings from an environment; throws an error of one line that names the faulty one. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    port: port(environment.PORT || '3000'),
    logLevel: logLevel(environment.LOG_LEVEL || 'info'),
    drainDelay: duration('DRAIN_DELAY', environment.DRAIN_DELAY || '0s'),
  };
}

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65535) {
    throw new Error(`PORT must be a whole number from 1 to 65535, not ${JSON.stringify(text)}`);
  }
  return value;
}

function logLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) {
    throw new Error(
      `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(text)}`,
    );
  }
  return text;
}

/** Durations are written as Go writes them, the same for every service: 500ms, 2s, 1m30s. */
function duration(name: string, text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const value = parts.reduce(
    (sum, [, n, unit]) => sum + Number(n) * (MILLISECONDS[unit ?? ''] ?? 0),
    0,
  );
  if (parts.map(([part]) => part).join('') !== text || value > HOUR) {
    throw new Error(
      `${name} must be a duration of at most 1h, such as 500ms or 2s, not ${JSON.stringify(text)}`,
    );
  }
  return value;
}
