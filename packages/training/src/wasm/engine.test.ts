import { engineContract } from '../engine.contract.ts';
import { wasmEngine } from './engine.ts';

engineContract(wasmEngine);
