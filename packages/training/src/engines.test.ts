import { gradientAgreement } from './engine.contract.ts';
import { tfjsEngine } from './tfjs/engine.ts';
import { wasmEngine } from './wasm/engine.ts';

gradientAgreement(wasmEngine, tfjsEngine);
