import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import request from 'supertest';
import { createApp } from '../app.js';
import { LinkStore } from '../lib/link-store.js';

describe('links', () => {
  it('are made, followed, counted and removed', async () => {
    const app = createApp();
    const made = await request(app).post('/links').send({ url: 'https://expressjs.com' }).expect(201);
    assert.equal(made.headers.location, `/${made.body.id}`);

    await request(app).get(`/${made.body.id}`).expect(302).expect('location', 'https://expressjs.com/');
    await request(app).get('/links').expect(200, [{ id: made.body.id, url: 'https://expressjs.com/', visits: 1 }]);

    await request(app).delete(`/links/${made.body.id}`).expect(204);
    await request(app).get(`/${made.body.id}`).expect(404);
    await request(app).delete(`/links/${made.body.id}`).expect(404);
  });

  for (const url of [undefined, 'no url', 'javascript:alert(1)', 'file:///etc/passwd']) {
    it(`are not made of ${url}`, () => request(createApp()).post('/links').send({ url }).expect(422));
  }

  it('are refused when they are too long, or no JSON', async () => {
    const app = createApp();
    await request(app).post('/links').send({ url: `https://example.com/${'x'.repeat(9000)}` }).expect(413);
    await request(app).post('/links').type('json').send('{').expect(400);
  });

  it('are dropped when there are too many', () => {
    const store = new LinkStore(2);
    const ids = ['https://a/', 'https://b/', 'https://c/'].map((url) => store.add(url).id);
    assert.deepEqual(store.all().map(({ id }) => id), ids.slice(1));
  });
});

describe('the application', () => {
  it('is healthy', () => request(createApp()).get('/health').expect(200, { status: 'ok' }));
  it('serves the page', () => request(createApp()).get('/').expect(200).expect('content-type', /html/));
  it('answers 404 elsewhere', () => request(createApp()).get('/no/such/path').expect(404));
});
