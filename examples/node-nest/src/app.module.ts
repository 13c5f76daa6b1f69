import { Module } from '@nestjs/common';
import { BooksModule } from './books/books.module.js';
import { HealthModule } from './health/health.module.js';

@Module({ imports: [BooksModule, HealthModule] })
export class AppModule {}
