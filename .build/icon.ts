/** Draws the icon of wintun.exe: a tunnel's mouth with an arrow through it. */

const SIZE = 256;
const BACKGROUND = [0x1f, 0x3a, 0x5f];
const FOREGROUND = [0xff, 0xff, 0xff];

/** From the edge of a shape, in pixels: negative inside. */
type Distance = (x: number, y: number) => number;

const plate: Distance = roundedBox(128, 128, 124, 124, 44);
const ring: Distance = (x, y) => Math.abs(Math.hypot(x - 128, y - 128) - 74) - 13;
const shaft: Distance = roundedBox(112, 128, 92, 13, 4);
const head: Distance = (x, y) => Math.max(Math.abs(y - 128) * 0.8 + (x - 226) * 0.6, 178 - x);
/** The arrow stands out from the ring by a gap around it. */
const arrow: Distance = (x, y) => Math.min(shaft(x, y), head(x, y));
const mark: Distance = (x, y) => Math.min(arrow(x, y), Math.max(ring(x, y), 10 - arrow(x, y)));

/** Returns the icon as an .ico file with one picture of 256 by 256 pixels; `deno compile` makes the smaller ones. */
export function drawIcon(): Uint8Array<ArrayBuffer> {
  const pixels = SIZE * SIZE * 4;
  const mask = SIZE * SIZE / 8;
  const headers = 6 + 16 + 40;
  const bytes = new Uint8Array(headers + pixels + mask);
  const view = new DataView(bytes.buffer);
  // ICONDIR: reserved, type 1 (icon), one picture.
  view.setUint16(2, 1, true);
  view.setUint16(4, 1, true);
  // ICONDIRENTRY: width and height (0 stands for 256), colours, reserved, planes, bits, size, offset.
  view.setUint16(10, 1, true);
  view.setUint16(12, 32, true);
  view.setUint32(14, bytes.length - 22, true);
  view.setUint32(18, 22, true);
  // BITMAPINFOHEADER: its size, width, height of picture and mask together, planes, bits; no compression.
  view.setUint32(22, 40, true);
  view.setInt32(26, SIZE, true);
  view.setInt32(30, SIZE * 2, true);
  view.setUint16(34, 1, true);
  view.setUint16(36, 32, true);
  view.setUint32(42, pixels + mask, true);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const x = column + 0.5, y = row + 0.5;
      const paint = coverage(mark(x, y));
      const [red, green, blue] = BACKGROUND.map((back, at) => back + (FOREGROUND[at] - back) * paint);
      // Rows run from the bottom up.
      bytes.set(
        [blue, green, red, 255 * coverage(plate(x, y))],
        headers + ((SIZE - 1 - row) * SIZE + column) * 4,
      );
    }
  }
  return bytes;
}

/** How much of a pixel a shape covers whose edge is that far from the pixel's middle. */
function coverage(distance: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance));
}

function roundedBox(
  centerX: number,
  centerY: number,
  halfWidth: number,
  halfHeight: number,
  radius: number,
): Distance {
  return (x, y) => {
    const outX = Math.abs(x - centerX) - halfWidth + radius;
    const outY = Math.abs(y - centerY) - halfHeight + radius;
    return Math.hypot(Math.max(outX, 0), Math.max(outY, 0)) + Math.min(Math.max(outX, outY), 0) - radius;
  };
}
