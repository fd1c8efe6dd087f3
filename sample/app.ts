import { ValidationPipe, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import type { ShopConfig } from './config.js';
import { createLogger } from './logging/logger.js';

/** The shop as an application, not listening yet. */
export async function createApp(config: ShopConfig): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.forRoot(config), {
    logger: createLogger(config.isProduction),
    abortOnError: false, // whoever starts the shop decides what becomes of an error
  });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  const description = new DocumentBuilder()
    .setTitle('A small shop')
    .setDescription('The sample of nestjs-cow: each request commits exactly what it changed.')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description));
  return app;
}
