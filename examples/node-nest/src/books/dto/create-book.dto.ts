import { IsInt, IsISBN, IsNotEmpty, IsString, Max, MaxLength, Min } from 'class-validator';

export class CreateBookDto {
  @IsISBN()
  readonly isbn!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  readonly title!: string;

  @IsInt()
  @Min(1450)
  @Max(2100)
  readonly year!: number;
}
