// One variable's columns in a browser: what came, kept by column, and as the points of a line.
"use strict";

const FALLS = 1, BREAKS = 2;

class Lane {
  constructor() { this.clear(); }

  clear() { this.index = []; this.low = []; this.high = []; this.flags = []; }

  // The first column that may still grow: it is asked for again.
  get since() { return this.index.length ? this.index[this.index.length - 1] : 0; }

  // Take columns; those that were there already are replaced by their whole selves.
  add(index, low, high, flags) {
    if (!index.length) return;
    while (this.index.length && this.index[this.index.length - 1] >= index[0])
      for (const part of [this.index, this.low, this.high, this.flags]) part.pop();
    for (let i = 0; i < index.length; i++) {
      this.index.push(index[i]); this.low.push(low[i]); this.high.push(high[i]); this.flags.push(flags[i]);
    }
  }

  // Forget what is left of a column, but for the last before it: its line leads in.
  forget(first) {
    let gone = 0;
    while (gone + 1 < this.index.length && this.index[gone + 1] < first) gone++;
    if (gone > 64)  // seldom, as all that stays moves
      for (const part of [this.index, this.low, this.high, this.flags]) part.splice(0, gone);
  }

  // Two points a column, x in seconds.
  points(secondsPerColumn) {
    const x = [], y = [];
    for (let i = 0; i < this.index.length; i++) {
      const at = this.index[i] * secondsPerColumn;
      const low = this.low[i], high = this.high[i], flags = this.flags[i];
      if (low === low) {
        x.push(at); y.push(flags & FALLS ? high : low);
        if (low !== high) { x.push(at); y.push(flags & FALLS ? low : high); }
      }
      if (flags & BREAKS) { x.push(at); y.push(null); }
    }
    return [x, y];
  }
}

// The header and the columns of a binary message.
function readAnswer(buffer) {
  const length = new Uint32Array(buffer, 0, 1)[0];
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const lanes = header.counts.map(count => [0, 0, 0, 0].map(() => {
    const part = new Float64Array(buffer, at, count);
    at += 8 * count;
    return part;
  }));
  return [header, lanes];
}
