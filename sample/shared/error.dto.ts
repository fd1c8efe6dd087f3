import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What is answered instead of a result. */
export class ErrorDto {
  @ApiProperty({ example: 409 })
  statusCode!: number;

  @ApiPropertyOptional({ example: 'ConcurrentModification', description: 'Names the kind of error.' })
  code?: string;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    example: 'Order 6a0… was changed by someone else since it was read (note). Nothing was written.',
  })
  message!: string | string[];

  @ApiPropertyOptional({ example: 'Order' })
  entity?: string;

  @ApiPropertyOptional({ example: 'note' })
  field?: string;
}
