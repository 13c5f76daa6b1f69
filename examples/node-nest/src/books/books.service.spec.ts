import { Test } from '@nestjs/testing';
import { beforeEach, expect, test } from 'vitest';
import { BooksService } from './books.service.js';

let books: BooksService;

beforeEach(async () => {
  const module = await Test.createTestingModule({ providers: [BooksService] }).compile();
  books = module.get(BooksService);
  books.create({ isbn: '978-0-13-110362-7', title: 'The C Programming Language', year: 1988 });
  books.create({ isbn: '978-0-13-419044-0', title: 'The Go Programming Language', year: 2015 });
});

test('lists the newest first', () => {
  expect(books.list(20).map(({ year }) => year)).toEqual([2015, 1988]);
  expect(books.list(1).map(({ year }) => year)).toEqual([2015]);
  expect(books.list(20, 2000).map(({ year }) => year)).toEqual([1988]);
});

test('ignores hyphens', () => {
  expect(books.find('9780131103627').title).toBe('The C Programming Language');
  expect(() => books.create({ isbn: '9780131103627', title: 'again', year: 2000 })).toThrow(
    'there already',
  );
});
