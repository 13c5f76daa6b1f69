import { json, Router } from 'express';

/** The routes below /links. */
export function links(store) {
  const router = Router();

  router.get('/', (req, res) => res.json(store.all()));

  router.post('/', json({ limit: '8kb' }), (req, res) => {
    const url = URL.parse(req.body?.url);
    if (!url || !['http:', 'https:'].includes(url.protocol)) {
      return res.status(422).json({ error: 'url: expected an http or https URL' });
    }
    const link = store.add(url.href);
    res.status(201).location(`/${link.id}`).json(link);
  });

  router.get('/:id', (req, res, next) => {
    const link = store.find(req.params.id);
    return link ? res.json(link) : next();
  });

  router.delete('/:id', (req, res, next) => (store.remove(req.params.id) ? res.sendStatus(204) : next()));

  return router;
}
