import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { CreateBookDto } from './dto/create-book.dto.js';

export interface Book {
  isbn: string;
  title: string;
  year: number;
}

@Injectable()
export class BooksService {
  private readonly books = new Map<string, Book>();

  /** The newest first. */
  list(limit: number, before = Number.POSITIVE_INFINITY): Book[] {
    return [...this.books.values()]
      .filter(({ year }) => year < before)
      .sort((a, b) => b.year - a.year)
      .slice(0, limit);
  }

  create({ isbn, title, year }: CreateBookDto): Book {
    const book = { isbn: normalize(isbn), title, year };
    if (this.books.has(book.isbn)) throw new ConflictException(`${isbn} is there already`);
    this.books.set(book.isbn, book);
    return book;
  }

  find(isbn: string): Book {
    const book = this.books.get(normalize(isbn));
    if (!book) throw new NotFoundException(`no book has the ISBN ${isbn}`);
    return book;
  }

  remove(isbn: string): void {
    this.books.delete(this.find(isbn).isbn);
  }
}

const normalize = (isbn: string) => isbn.replaceAll('-', '');
