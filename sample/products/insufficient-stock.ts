import { ConflictException, HttpStatus } from '@nestjs/common';

/** An order asks for more pieces than there are. */
export class InsufficientStock extends ConflictException {
  constructor(sku: string, requested: number, available: number) {
    super({
      statusCode: HttpStatus.CONFLICT,
      code: 'InsufficientStock',
      message: `Of product ${sku} there are ${available} in stock, and ${requested} were ordered.`,
      sku,
      requested,
      available,
    });
  }
}
