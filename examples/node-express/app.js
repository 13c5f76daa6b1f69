import express from 'express';
import { LinkStore } from './lib/link-store.js';
import { links } from './routes/links.js';

export function createApp(store = new LinkStore()) {
  const app = express();
  app.disable('x-powered-by');

  app.get('/health', (req, res) => res.json({ status: 'ok' }));
  app.use(express.static(new URL('public', import.meta.url).pathname));
  app.use('/links', links(store));
  app.get('/:id', (req, res, next) => {
    const link = store.find(req.params.id);
    if (!link) return next();
    store.count(link.id);
    res.redirect(302, link.url);
  });

  app.use((req, res) => res.status(404).json({ error: `nothing at ${req.path}` }));
  app.use((error, req, res, next) => {
    if (res.headersSent) return next(error);
    const status = error.status ?? 500;
    if (status >= 500) console.error(error);
    res.status(status).json({ error: status < 500 ? error.message : 'internal server error' });
  });
  return app;
}
