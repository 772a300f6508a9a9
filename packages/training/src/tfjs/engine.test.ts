import { engineContract } from '../engine.contract.ts';
import { everyLayer, networksByLayer } from '../engine.fixtures.ts';
import { tfjsEngine } from './engine.ts';

// Few networks: TensorFlow.js on plain JavaScript is slow, and its integers are the interpreter's by construction.
const fewBits = 'conv2d, 4 bits and ternary';
engineContract(tfjsEngine, { everyLayer, [fewBits]: networksByLayer[fewBits] });
