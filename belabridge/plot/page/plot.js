// The live picture: a chart for each variable; its columns are asked for as soon as the last ones are drawn.
"use strict";

const AXIS = 64, LAST_AXIS = 28, LEAST_ROW = 60, RIGHT = 16;
const AHEAD = 2;  // questions on their way: an answer that is late for one frame must not cost the next one, too
const COLORS = ["#0a84ff", "#ff6b35", "#2ca02c", "#d62b70", "#9467bd", "#a8761c", "#17a2b8", "#7f8c2d"];
const $ = id => document.getElementById(id);
const rows = $("rows");
let hello, socket, lanes = [], charts = [], step = 1, epoch = -1, id = 0, now = 0;
let live = true, zoom = null, fresh = true, running = false, asked = 0, came = null, shown = [0, 1], drawn = 0;

const width = () => Math.max(200, rows.clientWidth);
const columns = () => Math.max(1, Math.min(4000, width() - AXIS - RIGHT));
const span = () => zoom ? (zoom[1] - zoom[0]) * hello.rate : hello.window;
const seconds = frames => frames / hello.rate;

function chart(lane, i, height, last) {
  const box = document.createElement("div");
  const name = document.createElement("b");
  box.className = "row"; name.textContent = lane.name; box.append(name); rows.append(box);
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--ink"), grid = { stroke: style.getPropertyValue("--grid"), width: 1 };
  const options = {
    width: width(), height, legend: { show: false }, padding: [6, RIGHT, 2, 0],
    cursor: { sync: { key: "time", setSeries: false }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => showAll() } },
    scales: { x: { time: false, range: () => shown }, y: { range: lane.range ? () => lane.range : (u, low, high) => room(low, high) } },
    axes: [
      { size: last ? LAST_AXIS : 0, stroke: ink, grid, ticks: { ...grid, show: last }, space: 90, values: (u, at) => at.map(s => last ? `${+s.toFixed(6)} s` : "") },
      { size: AXIS, stroke: ink, grid, ticks: grid },
    ],
    series: [{}, { stroke: COLORS[i % COLORS.length], width: 1, spanGaps: false, points: { show: false } }],
    hooks: { setSelect: [select] },
  };
  return new uPlot(options, [[], []], box);
}

function room(low, high) {
  if (low === null || high === null) return [-1, 1];
  const more = high > low ? (high - low) * .06 : Math.abs(low) * .1 || 1;
  return [low - more, high + more];
}

function build() {
  for (const old of charts) old.destroy();
  rows.replaceChildren();
  const many = hello.lanes.length;
  const height = Math.max(LEAST_ROW, Math.floor((rows.clientHeight - LAST_AXIS) / many));
  charts = hello.lanes.map((lane, i) =>
    chart(lane, i, height + (i === many - 1 ? LAST_AXIS : 0), i === many - 1));
  anew();
}

// All columns are others now: how wide they are, or from when.
function anew() {
  for (const lane of lanes) lane.clear();
  step = Math.max(1, Math.floor(span() / columns()));  // a column is never wider than a pixel: else slits would show
  want();
}

// Ask once more, also when the picture stands still; what is on its way is too old.
function want() {
  id++;
  fresh = true;
  go();
}

// Go on with each frame of the screen, as long as there is something to come.
function go() {
  if (running) return;
  running = true;
  requestAnimationFrame(frame);
}

function frame() {
  running = live || fresh;
  if (running) requestAnimationFrame(frame);
  if (running && asked < (live ? AHEAD : 1) && socket.readyState === WebSocket.OPEN) ask();
  if (came && came.id === id) draw(came);
  came = null;
}

function ask() {
  const question = { id, step, count: Math.min(8192, Math.ceil(span() / step) + 2), epoch: Math.max(0, epoch), hold: !live };
  if (zoom) question.first = Math.max(0, Math.floor(zoom[0] * hello.rate / step) - 1);
  else question.since = lanes.map(lane => lane.since);
  socket.send(JSON.stringify(question));
  asked++;
}

function show(buffer) {
  const [header, parts] = readAnswer(buffer);
  asked--;
  if (header.id !== id) return;  // it was asked before the zoom or the window changed
  take(header, parts);
  came = header;
  go();
}

function take(header, parts) {
  fresh = false;
  if (header.epoch !== epoch || zoom) for (const lane of lanes) lane.clear();
  epoch = header.epoch;
  lanes.forEach((lane, i) => lane.add(...parts[i]));
}

function draw(header) {
  $("state").textContent = header.state;
  now = seconds(header.now);
  shown = zoom || [now - seconds(hello.window), now];
  const secondsPerColumn = seconds(step), left = Math.floor(shown[0] / secondsPerColumn) - 1;
  lanes.forEach((lane, i) => {
    lane.forget(left);
    charts[i].setData(lane.points(secondsPerColumn));
  });
  drawn++;
}

function hold(held) {
  live = !held;
  $("pause").textContent = held ? "go on" : "pause";
  $("all").hidden = !held;
  if (held) { want(); return; }
  zoom = null;
  anew();
}

function look(range) {
  if (live) hold(true);
  zoom = range;
  anew();
}

function select(u) {
  if (u.select.width < 4) return;
  const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
  for (const each of charts) each.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  look([Math.max(0, from), to]);
}

// All that is kept.
function showAll() {
  look([Math.max(0, now - seconds(hello.keep)), now]);
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/data`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = message => {
    if (typeof message.data !== "string") { show(message.data); return; }
    hello = JSON.parse(message.data);
    $("title").textContent = document.title = hello.title;
    lanes = hello.lanes.map(() => new Lane());
    epoch = -1; zoom = null; live = true; $("pause").textContent = "pause"; $("all").hidden = true;
    build();
  };
  socket.onclose = () => {
    asked = 0; came = null;
    $("state").textContent = "the program that drew this has ended";
    setTimeout(connect, 2000);
  };
}

$("pause").onclick = () => hold(live);
$("all").onclick = showAll;
addEventListener("keydown", event => { if (event.code === "Space") { event.preventDefault(); hold(live); } });
let resized;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { if (hello) build(); }, 100);
});
setInterval(() => { $("rate").textContent = live ? `${drawn} pictures/s` : ""; drawn = 0; }, 1000);
connect();
