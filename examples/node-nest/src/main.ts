import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { configure } from './configure.js';

const port = Number(process.env.PORT ?? 3000);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT is ${process.env.PORT}: expected a port number from 1 to 65535`);
  process.exit(1);
}

const app = await NestFactory.create<NestExpressApplication>(AppModule);
configure(app);
app.enableShutdownHooks();
await app.listen(port);
Logger.log(`listening on port ${port}`, 'main');
