import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppModule } from '../src/app.module.js';
import { configure } from '../src/configure.js';

let app: NestExpressApplication;

beforeAll(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication<NestExpressApplication>();
  configure(app);
  await app.init();
});
afterAll(() => app.close());

const book = { isbn: '978-0-13-110362-7', title: 'The C Programming Language', year: 1988 };

test('a book is created, found and removed', async () => {
  const http = request(app.getHttpServer());
  await http.post('/books').send(book).expect(201);
  await http.post('/books').send(book).expect(409);
  const { body } = await http.get('/books?limit=10').expect(200);
  expect(body).toEqual([{ ...book, isbn: '9780131103627' }]);
  await http.delete('/books/9780131103627').expect(204);
  await http.get('/books/9780131103627').expect(404);
});

test.each([{}, { ...book, isbn: '123' }, { ...book, year: '1988' }, { ...book, price: 1 }])(
  '%j is refused',
  async (wrong) => {
    await request(app.getHttpServer()).post('/books').send(wrong).expect(400);
  },
);

test('is healthy', async () => {
  await request(app.getHttpServer()).get('/health/live').expect(200);
  const { body } = await request(app.getHttpServer()).get('/health/ready').expect(200);
  expect(body.status).toBe('ok');
});
