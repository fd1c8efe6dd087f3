import { ApiProperty } from '@nestjs/swagger';

export class RehearsedStepDto {
  @ApiProperty({ example: 'order.tags.push("draft")' }) did!: string;
  @ApiProperty({ type: [String], example: ['tags'], description: 'Fields that differ from what was loaded.' })
  changed!: string[];
}

/** Changes that were made and taken back. */
export class RehearsalDto {
  @ApiProperty({ type: [RehearsedStepDto] }) steps!: RehearsedStepDto[];
}
