import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsEnum, IsInt, IsOptional, IsString, Length } from 'class-validator';
import { Max, Min, ValidateNested } from 'class-validator';

/** Whose price is kept where two have changed it. */
export enum Resolution {
  Ours = 'ours',
  Theirs = 'theirs',
  Lower = 'lower',
}

export class WhatIfDto {
  @ApiProperty({ type: 'integer', example: 5, description: 'Off the first line, as agreed with the customer, in %.' })
  @IsInt()
  @Min(0)
  @Max(90)
  negotiated!: number;

  @ApiProperty({ type: 'integer', example: 15, description: 'Off every line, tried in a fork, in %.' })
  @IsInt()
  @Min(0)
  @Max(90)
  campaign!: number;

  @ApiPropertyOptional({ enum: Resolution, enumName: 'Resolution', description: 'Without it a conflict is reported.' })
  @IsOptional()
  @IsEnum(Resolution)
  resolve?: Resolution;
}

export class PlanDto {
  @ApiProperty({ example: 'spring sale' })
  @IsString()
  @Length(1, 30)
  name!: string;

  @ApiProperty({ type: 'integer', example: 10, description: 'Off every line, in %.' })
  @IsInt()
  @Min(0)
  @Max(90)
  off!: number;
}

export class BestPlanDto {
  @ApiProperty({ type: [PlanDto] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => PlanDto)
  plans!: PlanDto[];

  @ApiProperty({ type: 'integer', example: 10_000, description: 'What the order must still bring in, in cents.' })
  @IsInt()
  @Min(0)
  minimum!: number;
}

/** What a line costs in an order, and what its product costs today. */
export class LinePriceDto {
  @ApiProperty({ example: 'P-00001' }) sku!: string;
  @ApiProperty({ type: 'integer', example: 4_990, description: 'In cents.' }) price!: number;
  @ApiProperty({ type: 'integer', example: 5_490, description: 'In cents.' }) listPrice!: number;
}

/** One difference, by the path of its field. */
export class DifferenceDto {
  @ApiProperty({ example: 'items.0.price' }) path!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true }) original?: unknown;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true }) value?: unknown;
}

export class PricedDto {
  @ApiProperty({ type: [DifferenceDto] }) changes!: DifferenceDto[];
  @ApiProperty({ type: 'integer', example: 12_345, description: 'In cents.' }) total!: number;
}

export class ConflictDto {
  @ApiProperty({ example: 'items.0.price' }) path!: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) original!: unknown;
  @ApiProperty({ type: 'object', additionalProperties: true }) ours!: unknown;
  @ApiProperty({ type: 'object', additionalProperties: true }) theirs!: unknown;
}

/** What became of a fork: each side before the union, what both had changed, and the order after it. */
export class WhatIfAnswerDto {
  @ApiProperty({ enum: ['united', 'conflict'] }) outcome!: 'united' | 'conflict';
  @ApiProperty({ type: 'integer', description: 'Before, in cents.' }) total!: number;
  @ApiProperty({ type: PricedDto, description: 'The unit of work of the request.' }) ours!: PricedDto;
  @ApiProperty({ type: PricedDto, description: 'The fork.' }) theirs!: PricedDto;
  @ApiProperty({ type: [ConflictDto] }) conflicts!: ConflictDto[];
  @ApiPropertyOptional({ type: PricedDto, description: 'After the union; not there after a conflict.' })
  united?: PricedDto;
}

export class BestPlanAnswerDto {
  @ApiPropertyOptional({ example: 'spring sale', description: 'Missing when no plan brings in enough.' })
  chosen?: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, description: 'Of each plan, in cents.' })
  totals!: Record<string, number>;
}
