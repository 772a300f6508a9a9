import { engineContract } from '../engine.contract.ts';
import { tfjsEngine } from './engine.ts';

engineContract(tfjsEngine);
