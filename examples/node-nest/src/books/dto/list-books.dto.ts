import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

export class ListBooksDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  readonly before?: number;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit: number = 20;
}
