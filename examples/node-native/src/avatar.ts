import { createHash } from 'node:crypto';
import sharp from 'sharp';

const size = 128;

/** A picture of coloured squares, the same for the same name, as WebP. */
export function drawAvatar(name: string): Promise<Buffer> {
  const digest = createHash('sha256').update(name).digest();
  const hue = Math.round((digest.readUInt16BE(0) / 65_536) * 360);
  const squares = Array.from({ length: 15 }, (_, i) => i)
    .filter((i) => (digest[i + 2] ?? 0) % 2 === 0)
    .flatMap((i) => {
      const row = i % 5;
      const column = Math.floor(i / 5);
      return [...new Set([column, 4 - column])].map((x) => `M${x} ${row}h1v1h-1z`);
    });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 7 7" width="${size}" height="${size}">
    <rect x="-1" y="-1" width="7" height="7" fill="#f4f4f4"/>
    <path d="${squares.join('')}" fill="hsl(${hue} 60% 45%)"/></svg>`;
  return sharp(Buffer.from(svg)).webp({ lossless: true }).toBuffer();
}
