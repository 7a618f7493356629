// A screenshot, looked at.

import { PNG } from 'pngjs';

export class Picture {
  #data;

  constructor(bytes) {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    this.width = width;
    this.height = height;
    this.#data = data;
  }

  countColours() {
    return new Set(new Uint32Array(this.#data.buffer, this.#data.byteOffset, this.width * this.height)).size;
  }

  // How much of an area has a colour for which `is` holds: from 0 to 1.
  share(area, is) {
    const pixels = this.#pixels(area);
    return pixels.filter(is).length / pixels.length;
  }

  #pixels({ left, top, right, bottom }) {
    const pixels = [];
    for (let y = Math.ceil(top); y < Math.floor(bottom); y += 1) {
      for (let x = Math.ceil(left); x < Math.floor(right); x += 1) {
        const start = (y * this.width + x) * 4;
        pixels.push(this.#data.subarray(start, start + 3));
      }
    }
    return pixels;
  }
}
