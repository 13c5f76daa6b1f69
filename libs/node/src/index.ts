// The signals first, before Fastify loads: until a handler is there, the kernel drops signals meant for PID 1.
import './signals.ts';

export { type AppOptions, newApp } from './app.ts';
export { traceHeaders } from './identity.ts';
export { main, type Options } from './main.ts';
export { Problem } from './problem.ts';
export { duration, oneOf, type Setting } from './settings.ts';
