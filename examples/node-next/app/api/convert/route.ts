import type { NextRequest } from 'next/server';
import { convert } from '../../../lib/units';

export function GET(request: NextRequest) {
  const { value, from, to } = Object.fromEntries(request.nextUrl.searchParams);
  const number = value?.trim() ? Number(value) : Number.NaN;
  if (!Number.isFinite(number))
    return Response.json({ error: 'value: expected a number' }, { status: 400 });
  const result = convert(number, from ?? '', to ?? '');
  if (result === undefined)
    return Response.json({ error: `${from} is not converted to ${to}` }, { status: 400 });
  return Response.json({ result });
}
