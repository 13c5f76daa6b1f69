/** How many metres, kilograms or litres one of a unit is. */
const units = {
  length: { m: 1, km: 1000, in: 0.0254, ft: 0.3048, mi: 1609.344 },
  mass: { kg: 1, g: 0.001, oz: 0.028349523125, lb: 0.45359237 },
  volume: { l: 1, ml: 0.001, gal: 3.785411784, pt: 0.473176473 },
} as const;

export const kinds: Record<string, string[]> = Object.fromEntries(
  Object.entries(units).map(([kind, of]) => [kind, Object.keys(of)]),
);

/** Converts between units of one kind; undefined for units of different kinds. */
export function convert(value: number, from: string, to: string): number | undefined {
  for (const of of Object.values(units) as Record<string, number>[]) {
    const [a, b] = [of[from], of[to]];
    if (a !== undefined && b !== undefined) return Number(((value * a) / b).toPrecision(12));
  }
  return undefined;
}
