// Asks another service, and ends badly when it is asked to.
import { main, traceHeaders } from '../../src/index.ts';

await main(
  'peer',
  (app, { UPSTREAM }) => {
    app.get('/', async () => 'hello\n');
    app.get('/peer', async (request) => {
      const response = await fetch(UPSTREAM, { headers: traceHeaders(request) });
      return response.json();
    });
    app.get('/never', () => new Promise(() => {}));
    app.get('/crash', () => {
      setImmediate(() => {
        throw new Error('crashed');
      });
      return 'soon\n';
    });
  },
  { settings: { UPSTREAM: (text: string) => new URL(text || 'http://127.0.0.1') } },
);
