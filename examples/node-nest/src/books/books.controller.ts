import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { BooksService } from './books.service.js';
import { CreateBookDto } from './dto/create-book.dto.js';
import { ListBooksDto } from './dto/list-books.dto.js';

@Controller('books')
export class BooksController {
  constructor(private readonly books: BooksService) {}

  @Get()
  list(@Query() query: ListBooksDto) {
    return this.books.list(query.limit, query.before);
  }

  @Post()
  create(@Body() book: CreateBookDto) {
    return this.books.create(book);
  }

  @Get(':isbn')
  find(@Param('isbn') isbn: string) {
    return this.books.find(isbn);
  }

  @Delete(':isbn')
  @HttpCode(204)
  remove(@Param('isbn') isbn: string) {
    this.books.remove(isbn);
  }
}
