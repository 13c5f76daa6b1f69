const controller = new AbortController();

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort(signal);
  });
}

/** Aborted, with the signal's name as reason, when the process is asked to stop; asked again, it ends at once. */
export const stop: AbortSignal = controller.signal;
