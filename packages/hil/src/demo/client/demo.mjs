/** Draws, sends the ink, and shows what the chip answers. */
const canvas = document.getElementById('canvas');
const pen = document.getElementById('pen');
const answerLine = document.getElementById('answer');
const timeLine = document.getElementById('time');
const table = document.getElementById('logits');
const side = canvas.width;
const context = canvas.getContext('2d', { willReadFrequently: true });
const picture = document.getElementById('image').getContext('2d');

/** Of the canvas' side: about that of MNIST's pens in a digit that nearly fills it. */
const PEN_WIDTH = 0.085;

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = table.insertRow();
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = String(digit);
  const bar = document.createElement('span');
  bar.className = 'bar';
  row.append(name);
  row.insertCell().append(bar);
  const value = row.insertCell();
  value.className = 'value';
  return { row, bar, value };
});

/** The ink is the canvas' opacity; its colour is the text's. */
function stroke(from, to) {
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = PEN_WIDTH * side;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  ask();
}

function clear() {
  context.clearRect(0, 0, side, side);
  ask();
}

/* One question at a time; while one is asked, only the newest drawing waits. */
let isAsking = false;
let hasChanged = false;

async function ask() {
  hasChanged = true;
  if (isAsking) return;
  isAsking = true;
  while (hasChanged) {
    hasChanged = false;
    await askOnce();
  }
  isAsking = false;
}

async function askOnce() {
  const { data } = context.getImageData(0, 0, side, side);
  const ink = new Uint8Array(side * side).map((_, index) => data[4 * index + 3]);
  try {
    const response = await fetch('/digit', { method: 'POST', body: ink });
    const answer = await response.json();
    if (answer.error !== undefined) showError(answer.error);
    else if (answer.blank) showNothing();
    else showAnswer(answer);
  } catch {
    showError('the demo has ended: start it again, and load this page anew');
  }
}

function show(text, time, isError) {
  answerLine.textContent = text;
  answerLine.classList.toggle('error', isError);
  timeLine.textContent = time;
}

function showError(error) {
  show(error, '\u00a0', true);
}

function showNothing() {
  show('\u00a0', '\u00a0', false);
  for (const { row, bar, value } of rows) {
    row.className = '';
    bar.style.width = '0';
    value.textContent = '';
  }
  picture.clearRect(0, 0, 28, 28);
}

function showAnswer({ image, logits, digit, cycles, milliseconds, roundTripMilliseconds, equalsInterpreter }) {
  const chip = `${milliseconds.toFixed(2)} ms on the chip, ${cycles.toLocaleString('en-US')} cycles`;
  const check = equalsInterpreter
    ? "logits equal the reference interpreter's"
    : "LOGITS DIFFER from the reference interpreter's";
  show(
    `It is a ${digit}`,
    `${chip}; ${roundTripMilliseconds.toFixed(0)} ms with the line; ${check}`,
    !equalsInterpreter,
  );
  const least = Math.min(...logits);
  const span = Math.max(1, Math.max(...logits) - least);
  rows.forEach(({ row, bar, value }, index) => {
    row.className = index === digit ? 'best' : '';
    bar.style.width = `${(100 * (logits[index] - least)) / span}%`;
    value.textContent = logits[index].toLocaleString('en-US');
  });
  const pixels = picture.createImageData(28, 28);
  image.forEach((ink, index) => pixels.data.set([ink, ink, ink, 255], 4 * index));
  picture.putImageData(pixels, 0, 0);
}

/* Finger, mouse, stylus. */
let last;

function place({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return { x: ((clientX - box.left) / box.width) * side, y: ((clientY - box.top) / box.height) * side };
}

canvas.addEventListener('pointerdown', (event) => {
  if (!event.isPrimary || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  pen.hidden = true;
  last = place(event);
  stroke(last, last);
});

canvas.addEventListener('pointermove', (event) => {
  if (last === undefined || !event.isPrimary) return;
  const next = place(event);
  stroke(last, next);
  last = next;
});

for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (last = undefined));

/* Keys. */
const STEP = side / 28;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const position = { x: side / 2, y: side / 4 };
let isDown = false;

const inside = (value) => Math.min(side - STEP, Math.max(STEP, value));

function showPen() {
  pen.hidden = false;
  pen.classList.toggle('down', isDown);
  pen.style.left = `${(100 * position.x) / side}%`;
  pen.style.top = `${(100 * position.y) / side}%`;
}

canvas.addEventListener('keydown', (event) => {
  const before = { ...position };
  if (event.key in MOVES) {
    const [x, y] = MOVES[event.key];
    position.x = inside(position.x + x * STEP);
    position.y = inside(position.y + y * STEP);
    if (isDown) stroke(before, position);
  } else if (event.key === ' ') {
    isDown = !isDown;
    if (isDown) stroke(position, position);
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    clear();
  } else return;
  event.preventDefault();
  showPen();
});

canvas.addEventListener('blur', () => {
  pen.hidden = true;
  isDown = false;
});

document.getElementById('clear').addEventListener('click', clear);

document.getElementById('example').addEventListener('click', async () => {
  const digit = new Uint8Array(await (await fetch('/example')).arrayBuffer());
  const small = document.createElement('canvas');
  small.width = small.height = 28;
  const pixels = new ImageData(28, 28);
  const [red, green, blue] = getComputedStyle(canvas).color.match(/\d+/g).map(Number);
  digit.forEach((ink, index) => pixels.data.set([red, green, blue, ink], 4 * index));
  small.getContext('2d').putImageData(pixels, 0, 0);
  context.clearRect(0, 0, side, side);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, side, side);
  ask();
});
